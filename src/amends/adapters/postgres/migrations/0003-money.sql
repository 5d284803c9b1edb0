-- The ledger of every order, and balances that the database keeps and guards by itself.
-- depends: 0002-events

-- migrate: apply

-- One row each time a transfer becomes pending, posted or voided, in the event that says so.
create table transfers (
    order_id    text collate "C" not null,
    stream      text collate "C" not null,
    seq         integer not null,
    position    integer not null,
    transfer_id text collate "C" not null,
    stage       text collate "C" not null check (stage in ('pending', 'posted', 'voided')),
    debit       text collate "C" not null,
    credit      text collate "C" not null,
    amount      bigint not null check (amount > 0),
    purpose     text collate "C" not null,
    tender_id   text collate "C" not null default '',
    case_id     text collate "C" not null default '',
    at          timestamptz not null,
    primary key (order_id, stream, seq, position),
    check (debit <> credit),
    check (debit in ('tender', 'escrow', 'seller', 'platform', 'cover', 'carrier', 'chargeback', 'balance', 'bank')),
    check (credit in ('tender', 'escrow', 'seller', 'platform', 'cover', 'carrier', 'chargeback', 'balance', 'bank'))
);

create index transfers_by_id on transfers (order_id, transfer_id);
create unique index transfers_post_once on transfers (order_id, transfer_id) where stage = 'posted';

create trigger transfers_stay before update or delete on transfers
    for each statement execute function refuse_change();

-- An order's posted balances by account; `escrow_pending` is about to leave escrow, `refunding` about to reach the
-- buyer. Goodwill and what the bank charged back count from the moment they are pending. Minor units.
create table balances (
    order_id       text collate "C" primary key,
    tender         bigint not null,
    escrow         bigint not null,
    seller         bigint not null,
    platform       bigint not null,
    cover          bigint not null,
    carrier        bigint not null,
    chargeback     bigint not null,
    balance        bigint not null,
    bank           bigint not null,
    captured       bigint not null,
    refunding      bigint not null,
    refunded       bigint not null,
    charged_back   bigint not null,
    goodwill       bigint not null,
    escrow_pending bigint not null,
    constraint escrow_covers_what_leaves_it check (escrow - escrow_pending >= 0),
    constraint chargeback_not_overdrawn check (chargeback >= 0),
    constraint no_more_back_than_captured check (refunded + refunding + charged_back + goodwill <= captured),
    constraint counts_not_negative check (
        captured >= 0 and refunding >= 0 and refunded >= 0 and charged_back >= 0 and goodwill >= 0
        and escrow_pending >= 0
    ),
    constraint sums_to_zero check (
        tender + escrow + seller + platform + cover + carrier + chargeback + balance + bank = 0
    )
) with (fillfactor = 80);

create function keep_balances() returns trigger language plpgsql as $$
begin
    if not exists (select from added) then
        return null;
    end if;

    -- A transfer is pending at most once at a time, ends only what is pending, and is the same all along.
    perform from transfers t
       join (select distinct a.order_id, a.transfer_id from added a) touched using (order_id, transfer_id)
      group by t.order_id, t.transfer_id
     having count(*) filter (where t.stage = 'pending') - count(*) filter (where t.stage = 'voided') not in (0, 1)
         or count(distinct (t.debit, t.credit, t.amount, t.purpose, t.tender_id)) > 1;
    if found then
        raise exception 'a transfer does not follow from what is pending' using errcode = 'check_violation';
    end if;

    -- Not `on conflict`: it would check a mere difference against the constraints of a balance.
    with differences as (
        select order_id,
               sum(case 'tender' when credit then moved when debit then -moved else 0 end) as tender,
               sum(case 'escrow' when credit then moved when debit then -moved else 0 end) as escrow,
               sum(case 'seller' when credit then moved when debit then -moved else 0 end) as seller,
               sum(case 'platform' when credit then moved when debit then -moved else 0 end) as platform,
               sum(case 'cover' when credit then moved when debit then -moved else 0 end) as cover,
               sum(case 'carrier' when credit then moved when debit then -moved else 0 end) as carrier,
               sum(case 'chargeback' when credit then moved when debit then -moved else 0 end) as chargeback,
               sum(case 'balance' when credit then moved when debit then -moved else 0 end) as balance,
               sum(case 'bank' when credit then moved when debit then -moved else 0 end) as bank,
               sum(case when purpose = 'capture' then moved else 0 end) as captured,
               sum(case when purpose = 'refund' then promised else 0 end) as refunding,
               sum(case when purpose = 'refund' then moved else 0 end) as refunded,
               sum(case when purpose = 'chargeback' then
                       case when debit = 'chargeback' then -moved else promised + moved end
                   else 0 end) as charged_back,
               sum(case when purpose = 'goodwill' then promised + moved else 0 end) as goodwill,
               sum(case when debit = 'escrow' then promised else 0 end) as escrow_pending
          from (select a.order_id, a.debit, a.credit, a.purpose,
                       case when a.stage = 'posted' then a.amount else 0 end as moved,
                       case a.stage
                           when 'pending' then a.amount
                           when 'voided' then -a.amount
                           else (select -a.amount * (count(*) filter (where t.stage = 'pending')
                                                     - count(*) filter (where t.stage = 'voided'))
                                   from transfers t
                                  where t.order_id = a.order_id and t.transfer_id = a.transfer_id)
                       end as promised
                  from added a) as effects
         group by order_id
    ), updated as (
        update balances b set
            tender = b.tender + d.tender,
            escrow = b.escrow + d.escrow,
            seller = b.seller + d.seller,
            platform = b.platform + d.platform,
            cover = b.cover + d.cover,
            carrier = b.carrier + d.carrier,
            chargeback = b.chargeback + d.chargeback,
            balance = b.balance + d.balance,
            bank = b.bank + d.bank,
            captured = b.captured + d.captured,
            refunding = b.refunding + d.refunding,
            refunded = b.refunded + d.refunded,
            charged_back = b.charged_back + d.charged_back,
            goodwill = b.goodwill + d.goodwill,
            escrow_pending = b.escrow_pending + d.escrow_pending
          from differences d
         where b.order_id = d.order_id
        returning b.order_id
    )
    insert into balances (order_id, tender, escrow, seller, platform, cover, carrier, chargeback, balance, bank,
        captured, refunding, refunded, charged_back, goodwill, escrow_pending)
    select order_id, tender, escrow, seller, platform, cover, carrier, chargeback, balance, bank,
           captured, refunding, refunded, charged_back, goodwill, escrow_pending
      from differences
     where order_id not in (select order_id from updated);
    return null;
end $$;

create trigger transfers_keep_balances after insert on transfers
    referencing new table as added
    for each statement execute function keep_balances();

-- migrate: rollback
