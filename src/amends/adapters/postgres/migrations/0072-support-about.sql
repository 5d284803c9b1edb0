-- Support says what a conversation is about.
-- depends: 0071-sandbox-stock

-- migrate: apply

alter table support_entries drop constraint support_entries_kind_check;
alter table support_entries add constraint support_entries_kind_check
    check (kind in ('said', 'note', 'taken', 'handed_over', 'about', 'closed', 'reopened'));

-- migrate: rollback
