-- Tables of a server that are built in a database of their own, beside those that are shown: who builds them says so.

CREATE TABLE IF NOT EXISTS builds ${ON_CLUSTER} (
    name String COMMENT 'Of the build; ends the name of the consumer group in which it is done',
    is_over UInt8 COMMENT '1: these tables are the ones that are shown since then',
    written_at DateTime64(3, 'UTC') COMMENT 'When'
) ENGINE = ${REPLACING}
ORDER BY (name, is_over)
SETTINGS ${SYNCED}
COMMENT 'One row when tables began to be built, one when they were taken over. Read with FINAL'
