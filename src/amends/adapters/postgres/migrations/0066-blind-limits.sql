-- Hidden limits of blind settlement: sealed by the house, outside events and snapshots.
-- depends: 0062-support

-- migrate: apply

-- `sealed` is empty where a side took its limit back; its changes still count.
create table blind_limits (
    order_id text collate "C" not null,
    case_id  text collate "C" not null,
    side     text collate "C" not null check (side in ('buyer', 'seller')),
    sealed   text collate "C" not null,
    round    integer not null,
    changes  integer not null,
    primary key (case_id, side)
);

-- migrate: rollback
