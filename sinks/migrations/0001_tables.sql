-- What the output topics hold, one row per source position. Every table is keyed so that a position written twice is one
-- row; no materialised view carries a figure (insert triggers would count a redelivered row twice). What is written is on
-- the disk before its offset is committed: a power cut must not take the postings of an entry that stays.

CREATE TABLE IF NOT EXISTS entries ${ON_CLUSTER} (
    partition Int32 COMMENT 'Partition of the event in soc.published',
    offset Int64 COMMENT 'Offset of the event in soc.published; with the partition, the identity of the entry',
    part Int32 COMMENT 'Which part of the entry, from 0: one that moves very many disruptions has several',
    parts Int32 COMMENT 'How many parts the entry has; only all of them cover the position',
    previous_offset Int64 COMMENT 'The entry covers the offsets after this one, up to offset',
    ledger_time DateTime64(3, 'UTC') COMMENT 'When the ledger learnt of it: greatest broker append time so far',
    verdict LowCardinality(String) COMMENT 'ADMITTED, or DUPLICATE (kept without postings)',
    record LowCardinality(String) COMMENT 'DisruptionEvent or ThreatEvent',
    event_id UUID COMMENT 'Identity of the event',
    threat_id String COMMENT 'The threat whose book it belongs to',
    disruption_id Nullable(String) COMMENT 'The disruption; null for a threat event',
    version Int32 COMMENT 'Version of the disruption or threat',
    organisation LowCardinality(String) COMMENT 'Recorder of the disruption or owner of the threat',
    entered_at DateTime64(3, 'UTC') COMMENT 'Entry time in the recorder''s system',
    key String COMMENT 'Original key bytes',
    value String COMMENT 'Original value bytes, schema id included',
    header_names Array(String) COMMENT 'Names of the original headers, in order',
    header_values Array(Nullable(String)) COMMENT 'Values of the original headers, in order',
    rules_version LowCardinality(String) COMMENT 'Version of the rules that judged it',
    rules_digest LowCardinality(String) COMMENT 'SHA-256 of those rules as data',
    schema_fingerprint LowCardinality(Nullable(String)) COMMENT 'SHA-256 of the canonical form of the schema that wrote it',
    software LowCardinality(String) COMMENT 'Name and version of the software that judged it',
    first_leg Int32 COMMENT 'Number of this part''s first leg within the entry',
    leg_count Int32 COMMENT 'How many rows of postings this part must have, numbered from first_leg',
    threat_leg_count Int32 COMMENT 'How many rows of threat_postings this part must have',
    INDEX by_disruption disruption_id TYPE bloom_filter(0.01) GRANULARITY 1,
    CONSTRAINT known_symbols CHECK verdict != 'UNRECOGNISED' AND record != 'UNRECOGNISED'
) ENGINE = ${REPLACING}
ORDER BY (partition, offset, part)
SETTINGS ${SYNCED}
COMMENT 'One journal entry per admitted or duplicate event, with its original bytes';

CREATE TABLE IF NOT EXISTS postings ${ON_CLUSTER} (
    partition Int32 COMMENT 'Partition of the event behind it in soc.published',
    offset Int64 COMMENT 'Offset of the event behind it in soc.published',
    leg UInt32 COMMENT 'Number of the leg within its entry, from 0',
    ledger_time DateTime64(3, 'UTC') COMMENT 'When the ledger learnt of it: known at',
    event_id UUID COMMENT 'The event behind it',
    threat_id String COMMENT 'The threat',
    disruption_id String COMMENT 'The disruption that moves',
    organisation LowCardinality(String) COMMENT 'Account: recording organisation',
    type LowCardinality(String) COMMENT 'Account: LEAD or SUPPORT; never add the two',
    pillar LowCardinality(String) COMMENT 'Account: PURSUE, PREVENT, PROTECT or PREPARE',
    kind LowCardinality(String) COMMENT 'Account: kind of the threat at the event date',
    crime_type LowCardinality(String) COMMENT 'Account: crime type of the threat at the event date',
    category LowCardinality(String) COMMENT 'Account: assessment category',
    event_date Date32 COMMENT 'Account: UK calendar date on which it happened',
    standing LowCardinality(String) COMMENT 'Account: COUNTED, or why it is not in the figure',
    sign Int8 COMMENT '+1 into the account, -1 out of it',
    entered_at DateTime64(3, 'UTC') COMMENT 'Entry instant from which the leg takes effect: as at',
    INDEX by_disruption disruption_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX by_ledger_time ledger_time TYPE minmax GRANULARITY 1,
    CONSTRAINT one_way CHECK sign = 1 OR sign = -1,
    CONSTRAINT known_symbols CHECK type != 'UNRECOGNISED' AND pillar != 'UNRECOGNISED' AND kind != 'UNRECOGNISED'
        AND crime_type != 'UNRECOGNISED' AND category != 'UNRECOGNISED' AND standing != 'UNRECOGNISED'
) ENGINE = ${REPLACING}
ORDER BY (organisation, type, event_date, partition, offset, leg)
SETTINGS min_age_to_force_merge_seconds = 3600, ${SYNCED}
COMMENT 'Signed legs on accounts: every count is a sum of sign. Read with FINAL, so that a leg written twice counts once';

CREATE TABLE IF NOT EXISTS threat_postings ${ON_CLUSTER} (
    partition Int32 COMMENT 'Partition of the event behind it in soc.published',
    offset Int64 COMMENT 'Offset of the event behind it in soc.published',
    leg UInt32 COMMENT 'Number of the leg within its entry, from 0',
    ledger_time DateTime64(3, 'UTC') COMMENT 'When the ledger learnt of it: known at',
    event_id UUID COMMENT 'The event behind it',
    threat_id String COMMENT 'The threat that moves',
    owner LowCardinality(String) COMMENT 'Account: owning organisation',
    kind LowCardinality(String) COMMENT 'Account: kind',
    crime_type LowCardinality(String) COMMENT 'Account: crime type',
    assessment_type LowCardinality(String) COMMENT 'Account: TACTICAL or THEMATIC',
    moderation_status LowCardinality(String) COMMENT 'Account: moderation of the assessment',
    soc Bool COMMENT 'Account: serious and organised crime',
    tier Int32 COMMENT 'Account: tier, 1 to 5',
    closed Bool COMMENT 'Account: the phase contains closed',
    sign Int8 COMMENT '+1 into the account, -1 out of it',
    entered_at DateTime64(3, 'UTC') COMMENT 'Entry instant from which the leg takes effect: as at',
    CONSTRAINT one_way CHECK sign = 1 OR sign = -1,
    CONSTRAINT known_symbols CHECK kind != 'UNRECOGNISED' AND crime_type != 'UNRECOGNISED'
        AND assessment_type != 'UNRECOGNISED' AND moderation_status != 'UNRECOGNISED'
) ENGINE = ${REPLACING}
ORDER BY (owner, partition, offset, leg)
SETTINGS min_age_to_force_merge_seconds = 3600, ${SYNCED}
COMMENT 'Signed legs of the threats themselves, for the threat count. Read with FINAL';

CREATE TABLE IF NOT EXISTS rejected ${ON_CLUSTER} (
    partition Int32 COMMENT 'Partition of the event in soc.published',
    offset Int64 COMMENT 'Offset of the event in soc.published; with the partition, the identity of the refusal',
    previous_offset Int64 COMMENT 'The refusal covers the offsets after this one, up to offset',
    ledger_time DateTime64(3, 'UTC') COMMENT 'When the ledger learnt of it: greatest broker append time so far',
    code LowCardinality(String) COMMENT 'Why it was refused',
    message String COMMENT 'What a duty officer can act on; holds no value of the record',
    event_id Nullable(String) COMMENT 'Identity of the event, where it could be read',
    threat_id Nullable(String) COMMENT 'Its threat, where it could be read',
    disruption_id Nullable(String) COMMENT 'Its disruption, where it could be read',
    key Nullable(String) COMMENT 'Original key bytes',
    value Nullable(String) COMMENT 'Original value bytes',
    header_names Array(String) COMMENT 'Names of the original headers, in order',
    header_values Array(Nullable(String)) COMMENT 'Values of the original headers, in order',
    rules_version LowCardinality(String) COMMENT 'Version of the rules that judged it',
    rules_digest LowCardinality(String) COMMENT 'SHA-256 of those rules as data',
    schema_fingerprint LowCardinality(Nullable(String)) COMMENT 'SHA-256 of the canonical form of the schema that wrote it',
    software LowCardinality(String) COMMENT 'Name and version of the software that judged it',
    original_size Nullable(Int64) COMMENT 'Bytes of key, value and headers together, where they are not carried',
    original_digest Nullable(String) COMMENT 'SHA-256 of them, where they are not carried',
    CONSTRAINT known_symbols CHECK code != 'UNRECOGNISED'
) ENGINE = ${REPLACING}
ORDER BY (partition, offset)
SETTINGS ${SYNCED}
COMMENT 'One row per event that intake refused, with its original bytes';

CREATE TABLE IF NOT EXISTS unloadable ${ON_CLUSTER} (
    topic LowCardinality(String) COMMENT 'Output topic that the record lies in',
    partition Int32 COMMENT 'Its partition there',
    offset Int64 COMMENT 'Its offset there (not a position in soc.published)',
    reason String COMMENT 'What the store said of it; holds no value of the record',
    key String COMMENT 'Its key bytes',
    value String COMMENT 'Its value bytes',
    quarantined_at DateTime64(3, 'UTC') COMMENT 'When the loader set it aside'
) ENGINE = ${REPLACING}
ORDER BY (topic, partition, offset)
SETTINGS ${SYNCED}
COMMENT 'Records of the output topics that could not be stored: anything here is a defect to be mended';

CREATE TABLE IF NOT EXISTS organisations ${ON_CLUSTER} (
    code String COMMENT 'Organisation code, as postings.organisation',
    since Date32 COMMENT 'First event date of this membership',
    until Date32 COMMENT 'First event date after it; 2299-12-31 while it lasts',
    region String COMMENT 'Region of the organised crime units, not an ONS region',
    name String COMMENT 'Name',
    kind LowCardinality(String) COMMENT 'Kind of organisation',
    ons_code String COMMENT 'ONS police-force-area code, or empty',
    written_at DateTime64(3, 'UTC') COMMENT 'When this row was written; the newest holds'
) ENGINE = ${REPLACING_NEWEST}
ORDER BY (code, since)
SETTINGS ${SYNCED}
COMMENT 'Who records, and its region by event date. Join: event_date >= since AND event_date < until. Read with FINAL';

CREATE TABLE IF NOT EXISTS topics ${ON_CLUSTER} (
    name String COMMENT 'Topic',
    id String COMMENT 'Identity of the topic that the positions here belong to'
) ENGINE = ${REPLACING}
ORDER BY (name, id)
SETTINGS ${SYNCED}
COMMENT 'Which topics were stored: a topic deleted and made again has another identity';

CREATE TABLE IF NOT EXISTS progress ${ON_CLUSTER} (
    topic LowCardinality(String) COMMENT 'Output topic',
    partition Int32 COMMENT 'Partition of it',
    next_offset Int64 COMMENT 'Everything before this offset of the output topic is stored',
    written_at DateTime64(3, 'UTC') COMMENT 'When; the newest holds'
) ENGINE = ${REPLACING_NEWEST}
ORDER BY (topic, partition)
SETTINGS ${SYNCED}
COMMENT 'How far the loader has come in the output topics: where it starts again'
