-- How publishers do. No figure rests on these tables: the first is the newest that each recorder said of itself, the second
-- is read out of the originals in `entries` and `rejected`, and is filled again from them where it is emptied.

CREATE TABLE IF NOT EXISTS heartbeats ${ON_CLUSTER} (
    organisation LowCardinality(String) COMMENT 'Recorder that it speaks of',
    partition Int32 COMMENT 'Partition of soc.heartbeats',
    offset Int64 COMMENT 'Offset there; with the partition, the identity of the heartbeat',
    last_sequence Nullable(Int64) COMMENT 'Last number that its publisher has given in its sequence; null where it did not say',
    interval_seconds Nullable(Int32) COMMENT 'The next heartbeat was promised within so many seconds; null: no promise',
    sent_at DateTime64(3, 'UTC') COMMENT 'When it was sent, by the sender''s clock',
    source_system Nullable(String) COMMENT 'Which of the recorder''s systems sent it',
    written_at DateTime64(3, 'UTC') COMMENT 'When the broker had it; the newest holds'
) ENGINE = ${REPLACING_NEWEST}
ORDER BY organisation
SETTINGS ${SYNCED}
COMMENT 'The last heartbeat of each recorder. Read with FINAL';

CREATE TABLE IF NOT EXISTS feed_events ${ON_CLUSTER} (
    partition Int32 COMMENT 'Partition of the event in soc.published',
    offset Int64 COMMENT 'Offset of the event in soc.published; with the partition, its identity',
    organisation LowCardinality(String) COMMENT 'In whose sequence it is numbered; empty where no organisation that records could be read',
    source_sequence Int64 COMMENT 'Its number there; -1 where it could not be read',
    ledger_time DateTime64(3, 'UTC') COMMENT 'When the ledger learnt of it',
    verdict LowCardinality(String) COMMENT 'ADMITTED, DUPLICATE or REFUSED',
    code LowCardinality(String) COMMENT 'Why it was refused; empty where it was not',
    record LowCardinality(String) COMMENT 'DisruptionEvent or ThreatEvent; empty where it could not be read',
    event_id String COMMENT 'Identity of the event; empty where it could not be read',
    threat_id String COMMENT 'Its threat; empty where it could not be read',
    disruption_id String COMMENT 'Its disruption; empty for a threat event',
    version Int32 COMMENT 'Version of the disruption or threat',
    event_date Nullable(Date32) COMMENT 'Event date of a disruption, day of the assessment of a threat',
    entered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Entry time in the recorder''s system',
    has_activity Bool COMMENT 'Whether it names an activity'
) ENGINE = ${REPLACING}
ORDER BY (organisation, source_sequence, partition, offset)
SETTINGS ${SYNCED}
COMMENT 'One row per published event: whose it is, its number, and what became of it. Read with FINAL'
