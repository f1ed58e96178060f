-- Where ClickHouse itself takes a block of Avro entries apart. `arrivals` keeps nothing (engine Null); its two views write
-- one row per leg. They copy rows, they carry no figure: a leg written twice is the same row of its table.

CREATE TABLE IF NOT EXISTS arrivals ${ON_CLUSTER} (
    partition Int32,
    offset Int64,
    ledger_time DateTime64(3, 'UTC'),
    event_id UUID,
    threat_id String,
    first_leg Int32,
    legs Array(Tuple(
        type LowCardinality(String), pillar LowCardinality(String), kind LowCardinality(String),
        crime_type LowCardinality(String), category LowCardinality(String), standing LowCardinality(String),
        sign Int8, event_date Date32, entered_at DateTime64(3, 'UTC'), organisation LowCardinality(String),
        disruption_id String)),
    threat_legs Array(Tuple(
        kind LowCardinality(String), crime_type LowCardinality(String), assessment_type LowCardinality(String),
        moderation_status LowCardinality(String), soc Bool, tier Int32, closed Bool,
        sign Int8, entered_at DateTime64(3, 'UTC'), owner LowCardinality(String)))
) ENGINE = Null
COMMENT 'Keeps nothing: entries pass through it on their way into postings and threat_postings';

CREATE MATERIALIZED VIEW IF NOT EXISTS arrivals_to_postings ${ON_CLUSTER} TO postings AS
SELECT partition, offset, first_leg + number - 1 AS leg, ledger_time, event_id, threat_id, one.disruption_id AS disruption_id,
    one.organisation AS organisation, one.type AS type, one.pillar AS pillar, one.kind AS kind,
    one.crime_type AS crime_type, one.category AS category, one.event_date AS event_date, one.standing AS standing,
    one.sign AS sign, one.entered_at AS entered_at
FROM arrivals ARRAY JOIN legs AS one, arrayEnumerate(legs) AS number;

CREATE MATERIALIZED VIEW IF NOT EXISTS arrivals_to_threat_postings ${ON_CLUSTER} TO threat_postings AS
SELECT partition, offset, number - 1 AS leg, ledger_time, event_id, threat_id, one.owner AS owner, one.kind AS kind,
    one.crime_type AS crime_type, one.assessment_type AS assessment_type, one.moderation_status AS moderation_status,
    one.soc AS soc, one.tier AS tier, one.closed AS closed, one.sign AS sign, one.entered_at AS entered_at
FROM arrivals ARRAY JOIN threat_legs AS one, arrayEnumerate(threat_legs) AS number
