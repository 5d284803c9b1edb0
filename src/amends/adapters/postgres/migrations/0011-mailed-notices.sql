-- Which notices went out by mail.
-- depends: 0010-sandbox-provider

-- migrate: apply

alter table notices add column mailed_at timestamptz;

-- migrate: rollback
