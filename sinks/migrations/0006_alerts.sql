-- What soc.alerts holds: an alert for each time that one was raised or cleared. Its position is its identity.

CREATE TABLE IF NOT EXISTS alerts ${ON_CLUSTER} (
    partition Int32 COMMENT 'Partition of the alert in soc.alerts',
    offset Int64 COMMENT 'Offset of the alert in soc.alerts; with the partition, its identity',
    kind LowCardinality(String) COMMENT 'What it is about: its rule',
    subject String COMMENT 'Whom or what it is about: an organisation, a code of refusal, or the ledger',
    state LowCardinality(String) COMMENT 'RAISED or CLEARED',
    at DateTime64(3, 'UTC') COMMENT 'When it was judged so',
    value Float64 COMMENT 'The figure that its rule measures, then',
    bound Float64 COMMENT 'The bound that the figure was past',
    sentence String COMMENT 'What is the matter, for a duty officer; holds no value of a record',
    remedy String COMMENT 'What to do',
    software LowCardinality(String) COMMENT 'Name and version of the software that judged it'
) ENGINE = ${REPLACING}
ORDER BY (partition, offset)
SETTINGS ${SYNCED}
COMMENT 'One row per alert that was raised or cleared. Read with FINAL'
