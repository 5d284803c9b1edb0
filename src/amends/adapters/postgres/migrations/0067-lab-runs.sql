-- Runs of the policy lab and the cases that would have ended otherwise.
-- depends: 0066-blind-limits

-- migrate: apply

-- `runner` is the token of who works on it; `body` has the rest as JSON.
create table lab_runs (
    run_id     text collate "C" primary key check (length(run_id) between 1 and 64),
    created_at timestamptz not null,
    seen_at    timestamptz not null,
    runner     text collate "C" not null,
    state      text collate "C" not null check (state in ('running', 'done', 'cancelled', 'failed')),
    body       bytea not null
);
create index lab_runs_by_age on lab_runs (created_at desc);

create table lab_changes (
    run_id    text collate "C" not null references lab_runs on delete cascade,
    case_id   text collate "C" not null,
    order_id  text collate "C" not null,
    buyer_id  text collate "C" not null,
    seller_id text collate "C" not null,
    body      bytea not null,
    primary key (run_id, case_id)
);

-- migrate: rollback
