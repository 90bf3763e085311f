-- This archive's seed and schema version.
SELECT version, seed FROM archive
