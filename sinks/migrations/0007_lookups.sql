-- Lookups by threat, and of the events that answer a refusal, skip what cannot hold any: without, each reads its table.
-- Rows that are there are indexed meanwhile; until then they are read as before.

ALTER TABLE entries ${ON_CLUSTER} ADD INDEX IF NOT EXISTS by_threat threat_id TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE entries ${ON_CLUSTER} ADD INDEX IF NOT EXISTS by_header header_names TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE postings ${ON_CLUSTER} ADD INDEX IF NOT EXISTS by_threat threat_id TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE entries ${ON_CLUSTER} MATERIALIZE INDEX by_threat;

ALTER TABLE entries ${ON_CLUSTER} MATERIALIZE INDEX by_header;

ALTER TABLE postings ${ON_CLUSTER} MATERIALIZE INDEX by_threat
