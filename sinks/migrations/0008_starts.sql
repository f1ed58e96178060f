-- Where loading begins again is told by what was read, and held against the store: so whatever a disk lost is found.
-- Rows that are there know of none: after the upgrade, everything is read again once.

ALTER TABLE progress ${ON_CLUSTER} ADD COLUMN IF NOT EXISTS start_offset Int64 DEFAULT 0 COMMENT 'Every record of the output topic before this offset is an output of a source position before start_reach: loading begins here where the stored outputs reach so far, and else at the first record' AFTER next_offset;

ALTER TABLE progress ${ON_CLUSTER} ADD COLUMN IF NOT EXISTS start_reach Int64 DEFAULT 0 COMMENT 'See start_offset' AFTER start_offset
