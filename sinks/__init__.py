"""The store follows: ClickHouse tables, the loader and the balances."""
