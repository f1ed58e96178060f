-- Balances carried forward: what the postings before a position add up to, account by account, so that a count reads a
-- closing and the postings after it. A closing never changes; its rows are there before its line in `closings` is.

CREATE TABLE IF NOT EXISTS closing_balances ${ON_CLUSTER} (
    closing UUID COMMENT 'The closing that it belongs to: closings.closing. Rows of no closing there are left over',
    organisation LowCardinality(String) COMMENT 'Account: as postings',
    type LowCardinality(String) COMMENT 'Account: as postings',
    standing LowCardinality(String) COMMENT 'Account: as postings',
    event_date Date32 COMMENT 'Account: the first day of the days taken together, see closings.grain',
    pillar LowCardinality(String) COMMENT 'Account: as postings',
    kind LowCardinality(String) COMMENT 'Account: as postings',
    crime_type LowCardinality(String) COMMENT 'Account: as postings',
    category LowCardinality(String) COMMENT 'Account: as postings',
    n Int64 COMMENT 'Sum of the signs of the postings to the account before the closing''s position; never 0'
) ENGINE = ${REPLACING}
ORDER BY (closing, organisation, type, standing, event_date, pillar, kind, crime_type, category)
SETTINGS ${SYNCED}
COMMENT 'Closing balances: net counts of accounts before a position';

CREATE TABLE IF NOT EXISTS closings ${ON_CLUSTER} (
    grain LowCardinality(String) COMMENT 'Which event dates are taken together: EVER (all), or MONTH (the first day of a month; its other days)',
    positions Array(Int64) COMMENT 'By partition of soc.published, from 0: what lies before this offset is summed',
    closing UUID COMMENT 'Which rows of closing_balances are its',
    accounts UInt64 COMMENT 'How many rows those must be',
    postings UInt64 COMMENT 'How many rows the table postings had when it was made',
    ledger_times Array(Int64) COMMENT 'By partition: greatest ledger time before the position, in milliseconds',
    entered_at Int64 COMMENT 'Greatest entry instant of a posting that is summed, in milliseconds',
    written_at DateTime64(3, 'UTC') COMMENT 'When it was made; of two at one position the newest holds'
) ENGINE = ${REPLACING_NEWEST}
ORDER BY (grain, positions)
SETTINGS ${SYNCED}
COMMENT 'Which closings there are. Forgotten where a posting before its position was lost. Read with FINAL'
