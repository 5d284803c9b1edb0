-- Which events came of what a member of a team asked for: stream#seq.
-- depends: 0077-dispute-statements

-- migrate: apply

alter table team_deeds add column events text[] collate "C" not null default '{}';

-- migrate: rollback
