-- What may follow in a case once a return goes in several parcels.
-- depends: 0075-holds

-- migrate: apply

alter table events drop constraint if exists events_follow_the_lifecycle;

alter table events add constraint events_follow_the_lifecycle check (case when stream = order_id then
    case from_state
        when '' then to_state in ('awaiting_shipment')
        when 'awaiting_delivery' then to_state in ('awaiting_delivery', 'cancelled', 'held', 'paid_out', 'protected', 'released')
        when 'awaiting_shipment' then to_state in ('awaiting_delivery', 'awaiting_shipment', 'cancelled', 'held', 'paid_out', 'protected', 'released')
        when 'cancelled' then to_state in ('cancelled', 'held', 'paid_out', 'released')
        when 'held' then to_state in ('cancelled', 'held', 'paid_out', 'released')
        when 'paid_out' then to_state in ('paid_out', 'released')
        when 'protected' then to_state in ('awaiting_delivery', 'cancelled', 'held', 'paid_out', 'protected', 'released')
        when 'released' then to_state in ('held', 'paid_out', 'released')
        else false
    end
else
    case from_state
        when '' then to_state in ('awaiting_seller', 'cancel_requested', 'closed', 'drafting', 'refund_approved', 'refund_initiated')
        when 'appealed' then to_state in ('appealed', 'awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'closed', 'refund_approved', 'refund_initiated')
        when 'awaiting_buyer' then to_state in ('awaiting_buyer', 'awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'awaiting_seller', 'closed', 'mediating', 'refund_approved', 'refund_initiated')
        when 'awaiting_evidence' then to_state in ('awaiting_evidence', 'awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'closed', 'mediating', 'refund_approved', 'refund_initiated')
        when 'awaiting_instructions' then to_state in ('awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'awaiting_shipment', 'closed', 'refund_approved', 'refund_initiated')
        when 'awaiting_payment' then to_state in ('awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'closed', 'refund_approved', 'refund_initiated')
        when 'awaiting_replacement' then to_state in ('awaiting_instructions', 'awaiting_replacement', 'closed', 'refund_approved', 'refund_initiated', 'replacement_in_transit')
        when 'awaiting_seller' then to_state in ('awaiting_buyer', 'awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'awaiting_seller', 'closed', 'mediating', 'refund_approved', 'refund_initiated')
        when 'awaiting_shipment' then to_state in ('awaiting_shipment', 'closed', 'inspecting', 'mediating', 'refund_approved', 'refund_initiated', 'return_in_transit')
        when 'cancel_requested' then to_state in ('cancel_requested', 'closed', 'refund_approved', 'refund_initiated')
        when 'closed' then to_state in ('mediating')
        when 'drafting' then to_state in ('awaiting_seller', 'closed', 'drafting')
        when 'inspecting' then to_state in ('awaiting_payment', 'awaiting_replacement', 'closed', 'inspecting', 'mediating', 'refund_approved', 'refund_initiated', 'rejected')
        when 'mediating' then to_state in ('awaiting_evidence', 'awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'closed', 'mediating', 'mediating_late', 'refund_approved', 'refund_initiated', 'ruled')
        when 'mediating_late' then to_state in ('awaiting_evidence', 'awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'closed', 'mediating_late', 'refund_approved', 'refund_initiated', 'ruled')
        when 'refund_approved' then to_state in ('closed', 'refund_approved', 'refund_initiated')
        when 'refund_initiated' then to_state in ('closed', 'refund_initiated', 'refund_method_needed', 'refund_overdue')
        when 'refund_method_needed' then to_state in ('closed', 'refund_initiated', 'refund_method_needed')
        when 'refund_overdue' then to_state in ('closed', 'refund_method_needed', 'refund_overdue')
        when 'rejected' then to_state in ('closed', 'mediating', 'refund_approved', 'refund_initiated', 'rejected')
        when 'replacement_in_transit' then to_state in ('awaiting_instructions', 'closed', 'refund_approved', 'refund_initiated', 'replacement_in_transit')
        when 'return_in_transit' then to_state in ('awaiting_payment', 'awaiting_replacement', 'closed', 'inspecting', 'mediating', 'refund_approved', 'refund_initiated', 'rejected', 'return_in_transit')
        when 'ruled' then to_state in ('appealed', 'awaiting_instructions', 'awaiting_payment', 'awaiting_replacement', 'closed', 'refund_approved', 'refund_initiated', 'ruled')
        else false
    end
end);

-- migrate: rollback
