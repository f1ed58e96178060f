"""One console script: disruptions."""
