-- For any SQL or BI client: the live balances of the disruptions that count, of all that is stored. None mixes lead and support.

CREATE VIEW IF NOT EXISTS lead_counts ${ON_CLUSTER} (
    force String COMMENT 'Recording organisation',
    pillar String COMMENT 'PURSUE, PREVENT, PROTECT or PREPARE',
    threat_kind String COMMENT 'What the threat was assessed as at the event date',
    crime_type String COMMENT 'Primary crime type of the threat at the event date',
    n Int64 COMMENT 'Lead disruptions that count (standing COUNTED)'
) AS
SELECT organisation AS force, pillar, kind AS threat_kind, crime_type, sum(sign) AS n
FROM postings FINAL
PREWHERE type = 'LEAD' AND standing = 'COUNTED'
GROUP BY organisation, pillar, kind, crime_type
HAVING n != 0
COMMENT 'Lead disruptions that count: the headline counts. Never add support_counts to them';

CREATE VIEW IF NOT EXISTS support_counts ${ON_CLUSTER} (
    force String COMMENT 'Recording organisation (a ROCU or an agency)',
    pillar String COMMENT 'PURSUE, PREVENT, PROTECT or PREPARE',
    threat_kind String COMMENT 'What the threat was assessed as at the event date',
    crime_type String COMMENT 'Primary crime type of the threat at the event date',
    n Int64 COMMENT 'Support disruptions that count (standing COUNTED)'
) AS
SELECT organisation AS force, pillar, kind AS threat_kind, crime_type, sum(sign) AS n
FROM postings FINAL
PREWHERE type = 'SUPPORT' AND standing = 'COUNTED'
GROUP BY organisation, pillar, kind, crime_type
HAVING n != 0
COMMENT 'Support disruptions that count: reported by exception, labelled. Never add them to lead_counts'
