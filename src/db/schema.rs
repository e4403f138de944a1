//! The tables as both databases hold them. Kept by hand beside the migrations; a test loads from every table on both.
#![allow(
    missing_docs,
    reason = "columns are documented where they are made, in the migrations"
)]

diesel::table! {
    features (code) {
        code -> Text,
    }
}

diesel::table! {
    properties (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        time_zone -> Text,
        currency -> Text,
        country -> Nullable<Text>,
        language -> Text,
        day_starts_at -> BigInt,
        created_at -> Timestamp,
        check_in_at -> BigInt,
        check_out_at -> BigInt,
        make_up_minutes -> BigInt,
    }
}

diesel::table! {
    room_types (id) {
        id -> BigInt,
        property_id -> BigInt,
        code -> Text,
        name -> Text,
        rank -> BigInt,
        rate_minor -> BigInt,
    }
}

diesel::table! {
    rooms (id) {
        id -> BigInt,
        property_id -> BigInt,
        room_type_id -> BigInt,
        number -> Text,
        floor -> Nullable<BigInt>,
        capacity -> BigInt,
        housekeeping -> Text,
    }
}

diesel::table! {
    room_features (room_id, feature) {
        room_id -> BigInt,
        feature -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        name -> Text,
        display_name -> Text,
        role -> Text,
        password_hash -> Text,
        all_properties -> Bool,
        language -> Nullable<Text>,
        theme -> Text,
        shortcuts -> Bool,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    user_properties (user_id, property_id) {
        user_id -> BigInt,
        property_id -> BigInt,
    }
}

diesel::table! {
    user_outlets (user_id, outlet_id) {
        user_id -> BigInt,
        outlet_id -> BigInt,
    }
}

diesel::table! {
    sessions (key_hash) {
        key_hash -> Binary,
        user_id -> BigInt,
        property_id -> Nullable<BigInt>,
        board_date -> Nullable<Date>,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    login_failures (id) {
        id -> BigInt,
        account -> Text,
        address -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    api_tokens (id) {
        id -> BigInt,
        name -> Text,
        token_hash -> Binary,
        role -> Text,
        all_properties -> Bool,
        created_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    api_token_properties (token_id, property_id) {
        token_id -> BigInt,
        property_id -> BigInt,
    }
}

diesel::table! {
    guests (id) {
        id -> BigInt,
        public_id -> Text,
        person_id -> BigInt,
        source -> Text,
        external_id -> Nullable<Text>,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
        native_name -> Nullable<Text>,
        salutation -> Nullable<Text>,
        gender -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        country -> Nullable<Text>,
        city -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        street -> Nullable<Text>,
        company -> Nullable<Text>,
        language -> Nullable<Text>,
        vip_level -> Nullable<BigInt>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        source_updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    guest_contacts (id) {
        id -> BigInt,
        guest_id -> BigInt,
        kind -> Text,
        value -> Text,
        folded -> Text,
        masked -> Bool,
        created_at -> Timestamp,
        verified_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    guest_documents (id) {
        id -> BigInt,
        guest_id -> BigInt,
        number_sealed -> Binary,
        number_hash -> Binary,
        created_at -> Timestamp,
    }
}

diesel::table! {
    guest_keys (guest_id, kind, key) {
        guest_id -> BigInt,
        kind -> SmallInt,
        key -> Text,
    }
}

diesel::table! {
    guest_likeness (key, guest_id) {
        key -> BigInt,
        guest_id -> BigInt,
    }
}

diesel::table! {
    consents (id) {
        id -> BigInt,
        guest_id -> BigInt,
        channel -> Text,
        purpose -> Text,
        granted -> Bool,
        source -> Text,
        wording -> Nullable<Text>,
        recorded_at -> Timestamp,
        recorded_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    stays (id) {
        id -> BigInt,
        property_id -> BigInt,
        confirmation_number -> Text,
        guest_id -> BigInt,
        status -> Text,
        arrival -> Date,
        departure -> Date,
        booked_arrival -> Nullable<Date>,
        booked_on -> Nullable<Date>,
        arrival_time -> Nullable<BigInt>,
        room_type_id -> Nullable<BigInt>,
        room_id -> Nullable<BigInt>,
        rate_minor -> Nullable<BigInt>,
        currency -> Text,
        channel -> Nullable<Text>,
        agency -> Nullable<Text>,
        adults -> BigInt,
        children -> BigInt,
        requests -> Nullable<Text>,
        decision -> Text,
        reasons -> Nullable<Text>,
        probability -> Nullable<Double>,
        source_updated_at -> Nullable<Timestamp>,
        checked_in_at -> Nullable<Timestamp>,
        checked_out_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    stay_bookings (stay_id) {
        stay_id -> BigInt,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        country -> Nullable<Text>,
        city -> Nullable<Text>,
        postal_code -> Nullable<Text>,
        document_sealed -> Nullable<Binary>,
        loyalty_number -> Nullable<Text>,
        company -> Nullable<Text>,
    }
}

diesel::table! {
    stay_candidates (stay_id, guest_id) {
        stay_id -> BigInt,
        guest_id -> BigInt,
        reasons -> Text,
        probability -> Nullable<Double>,
    }
}

diesel::table! {
    room_nights (room_id, night) {
        room_id -> BigInt,
        night -> Date,
        stay_id -> BigInt,
    }
}

diesel::table! {
    room_locks (stay_id) {
        stay_id -> BigInt,
        room_id -> BigInt,
        reason -> Nullable<Text>,
        locked_at -> Timestamp,
        locked_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    assignments (id) {
        id -> BigInt,
        property_id -> BigInt,
        day -> Date,
        made_at -> Timestamp,
        made_by -> Nullable<BigInt>,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    assignment_moves (assignment_id, stay_id) {
        assignment_id -> BigInt,
        stay_id -> BigInt,
        from_room_id -> Nullable<BigInt>,
        to_room_id -> BigInt,
    }
}

diesel::table! {
    room_connections (room_id, other_id) {
        room_id -> BigInt,
        other_id -> BigInt,
    }
}

diesel::table! {
    room_moves (id) {
        id -> BigInt,
        stay_id -> BigInt,
        from_room_id -> BigInt,
        to_room_id -> BigInt,
        moved_at -> Timestamp,
    }
}

diesel::table! {
    folio_charges (id) {
        id -> BigInt,
        stay_id -> BigInt,
        department -> Text,
        description -> Nullable<Text>,
        amount_minor -> BigInt,
        cost_minor -> Nullable<BigInt>,
        currency -> Text,
        posted_on -> Date,
        reference -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    preferences (id) {
        id -> BigInt,
        guest_id -> BigInt,
        code -> Text,
        strength -> Text,
        source -> Text,
        property_id -> Nullable<BigInt>,
        noted_at_property_id -> Nullable<BigInt>,
        noted_stay_id -> Nullable<BigInt>,
        noted_on -> Date,
        noted_by -> Nullable<BigInt>,
        note -> Nullable<Text>,
        times -> BigInt,
        chances -> BigInt,
        confirmed_on -> Nullable<Date>,
        confirmed_by -> Nullable<BigInt>,
        retired_at -> Nullable<Timestamp>,
        retired_by -> Nullable<BigInt>,
        retired_as -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    stay_readings (stay_id, code) {
        stay_id -> BigInt,
        code -> Text,
        verdict -> Text,
        decided_by -> Nullable<BigInt>,
        decided_at -> Timestamp,
    }
}

diesel::table! {
    promises (stay_id, code) {
        stay_id -> BigInt,
        code -> Text,
        strength -> Text,
        outcome -> Nullable<Text>,
        marked_by -> Nullable<BigInt>,
        marked_at -> Timestamp,
    }
}

diesel::table! {
    notes (id) {
        id -> BigInt,
        guest_id -> BigInt,
        stay_id -> Nullable<BigInt>,
        property_id -> Nullable<BigInt>,
        department -> Text,
        body -> Text,
        author_id -> Nullable<BigInt>,
        written_at -> Timestamp,
        replaces_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    cases (id) {
        id -> BigInt,
        guest_id -> BigInt,
        stay_id -> Nullable<BigInt>,
        property_id -> BigInt,
        room_id -> Nullable<BigInt>,
        department -> Text,
        severity -> SmallInt,
        feature -> Nullable<Text>,
        summary -> Text,
        owner_id -> Nullable<BigInt>,
        opened_by -> Nullable<BigInt>,
        opened_at -> Timestamp,
        due_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        closed_by -> Nullable<BigInt>,
        resolution -> Nullable<Text>,
        once -> Nullable<Text>,
        outcome -> Nullable<Text>,
        guest_words -> Nullable<Text>,
    }
}

diesel::table! {
    case_events (id) {
        id -> BigInt,
        case_id -> BigInt,
        kind -> Text,
        at -> Timestamp,
        user_id -> Nullable<BigInt>,
        body -> Nullable<Text>,
        code -> Nullable<Text>,
        team -> Nullable<Text>,
        owner_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    case_gestures (id) {
        id -> BigInt,
        code -> Text,
        name_en -> Text,
        name_zh -> Nullable<Text>,
        kind -> Text,
        severity -> SmallInt,
        tier -> Nullable<Text>,
        cost_minor -> BigInt,
        currency -> Text,
        points -> BigInt,
        is_active -> Bool,
    }
}

diesel::table! {
    case_compensations (id) {
        id -> BigInt,
        case_id -> BigInt,
        kind -> Text,
        cost_minor -> BigInt,
        currency -> Text,
        points -> BigInt,
        perk -> Nullable<Text>,
        reason -> Text,
        gesture_id -> Nullable<BigInt>,
        stay_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
        entry_id -> Nullable<BigInt>,
        once -> Text,
        state -> Text,
        asked_by -> BigInt,
        asked_at -> Timestamp,
        asked_on -> Date,
        answered_by -> Nullable<BigInt>,
        answered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tasks (id) {
        id -> BigInt,
        property_id -> BigInt,
        kind -> Text,
        title -> Nullable<Text>,
        guest_id -> Nullable<BigInt>,
        stay_id -> Nullable<BigInt>,
        case_id -> Nullable<BigInt>,
        team -> Text,
        owner_id -> Nullable<BigInt>,
        due_on -> Date,
        once -> Nullable<Text>,
        created_by -> Nullable<BigInt>,
        created_at -> Timestamp,
        done_at -> Nullable<Timestamp>,
        done_by -> Nullable<BigInt>,
        result -> Nullable<Text>,
    }
}

diesel::table! {
    offer_rules (id) {
        id -> BigInt,
        property_id -> BigInt,
        name -> Text,
        tier -> Nullable<Text>,
        least_stays -> Nullable<BigInt>,
        channels -> Text,
        occasion -> Nullable<Text>,
        vip -> Bool,
        direct -> Bool,
        open_case -> Bool,
        occupancy_least -> Nullable<BigInt>,
        occupancy_most -> Nullable<BigInt>,
        days_least -> Nullable<BigInt>,
        days_most -> Nullable<BigInt>,
        moment -> Text,
        kind -> Text,
        steps -> Nullable<BigInt>,
        room_type_id -> Nullable<BigInt>,
        pricing -> Text,
        price_minor -> Nullable<BigInt>,
        percent -> Nullable<BigInt>,
        value -> Nullable<BigInt>,
        cost_minor -> BigInt,
        per_day -> Nullable<BigInt>,
        per_guest -> Nullable<BigInt>,
        budget_minor -> Nullable<BigInt>,
        priority -> BigInt,
        starts_on -> Date,
        ends_on -> Date,
        made_at -> Timestamp,
        made_by -> Nullable<BigInt>,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    offers (id) {
        id -> BigInt,
        rule_id -> BigInt,
        property_id -> BigInt,
        stay_id -> BigInt,
        kind -> Text,
        room_type_id -> Nullable<BigInt>,
        from_type_id -> Nullable<BigInt>,
        room_id -> Nullable<BigInt>,
        from_room_id -> Nullable<BigInt>,
        nights -> BigInt,
        price_minor -> BigInt,
        cost_minor -> BigInt,
        worth_minor -> BigInt,
        currency -> Text,
        value -> Nullable<BigInt>,
        state -> Text,
        made_on -> Date,
        made_at -> Timestamp,
        made_by -> Nullable<BigInt>,
        held_until -> Timestamp,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<BigInt>,
        declined_for -> Nullable<Text>,
        out_of_turn -> Nullable<Text>,
        entry_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    loyalty_tiers (code) {
        code -> Text,
        rank -> BigInt,
        nights -> BigInt,
        stays -> Nullable<BigInt>,
        points -> Nullable<BigInt>,
        bonus_percent -> BigInt,
        lifetime_nights -> Nullable<BigInt>,
    }
}

diesel::table! {
    earn_rules (department, currency) {
        department -> Text,
        currency -> Text,
        points_per_hundred -> BigInt,
    }
}

diesel::table! {
    loyalty_accounts (id) {
        id -> BigInt,
        guest_id -> BigInt,
        number -> Text,
        tier -> Text,
        enrolled_on -> Date,
        closed_at -> Nullable<Timestamp>,
        below_since -> Nullable<Date>,
        raised_on -> Nullable<Date>,
    }
}

diesel::table! {
    loyalty_entries (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        points -> BigInt,
        stay_id -> Nullable<BigInt>,
        reason -> Text,
        expires_on -> Nullable<Date>,
        posted_on -> Date,
        posted_at -> Timestamp,
        posted_by -> Nullable<BigInt>,
        reverses_id -> Nullable<BigInt>,
        token_id -> Nullable<BigInt>,
        reward_id -> Nullable<BigInt>,
        request_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    loyalty_lots (entry_id) {
        entry_id -> BigInt,
        account_id -> BigInt,
        points -> BigInt,
        remaining -> BigInt,
        expires_on -> Nullable<Date>,
    }
}

diesel::table! {
    loyalty_takes (entry_id, lot_id) {
        entry_id -> BigInt,
        lot_id -> BigInt,
        points -> BigInt,
    }
}

diesel::table! {
    loyalty_debts (id) {
        id -> BigInt,
        account_id -> BigInt,
        stay_id -> BigInt,
        points -> BigInt,
        entry_id -> Nullable<BigInt>,
        posted_on -> Date,
        posted_at -> Timestamp,
    }
}

diesel::table! {
    loyalty_rules (id) {
        id -> BigInt,
        rules -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    loyalty_earnings (stay_id) {
        stay_id -> BigInt,
        account_id -> BigInt,
        rules_id -> BigInt,
        bonus_percent -> BigInt,
        most -> Nullable<BigInt>,
    }
}

diesel::table! {
    loyalty_rewards (id) {
        id -> BigInt,
        code -> Text,
        name_en -> Text,
        name_zh -> Nullable<Text>,
        points -> BigInt,
        property_id -> Nullable<BigInt>,
        is_active -> Bool,
    }
}

diesel::table! {
    loyalty_requests (id) {
        id -> BigInt,
        account_id -> BigInt,
        kind -> Text,
        points -> Nullable<BigInt>,
        stay_id -> Nullable<BigInt>,
        reason -> Text,
        asked_at -> Timestamp,
        asked_by -> Nullable<BigInt>,
        token_id -> Nullable<BigInt>,
        answer -> Nullable<Text>,
        answered_at -> Nullable<Timestamp>,
        answered_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    audit_log (id) {
        id -> BigInt,
        at -> Timestamp,
        user_id -> Nullable<BigInt>,
        token_id -> Nullable<BigInt>,
        action -> Text,
        guest_id -> Nullable<BigInt>,
        stay_id -> Nullable<BigInt>,
        property_id -> Nullable<BigInt>,
        detail -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    merges (id) {
        id -> BigInt,
        guest_id -> BigInt,
        other_id -> BigInt,
        person_id -> BigInt,
        absorbed_id -> BigInt,
        source -> Text,
        reasons -> Nullable<Text>,
        made_at -> Timestamp,
        made_by -> Nullable<BigInt>,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<BigInt>,
        answer_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    merge_moves (merge_id, guest_id) {
        merge_id -> BigInt,
        guest_id -> BigInt,
        from_person_id -> BigInt,
    }
}

diesel::table! {
    reviews (id) {
        id -> BigInt,
        stay_id -> BigInt,
        answer -> Text,
        guest_id -> Nullable<BigInt>,
        reasons_before -> Nullable<Text>,
        merge_id -> Nullable<BigInt>,
        answered_at -> Timestamp,
        answered_on -> Date,
        answered_by -> BigInt,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    not_same (id) {
        id -> BigInt,
        guest_id -> BigInt,
        other_id -> BigInt,
        review_id -> Nullable<BigInt>,
        said_at -> Timestamp,
        said_by -> Nullable<BigInt>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_by -> Nullable<BigInt>,
        answer_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    duplicate_pairs (guest_id, other_id) {
        guest_id -> BigInt,
        other_id -> BigInt,
        kind -> Text,
        probability -> Double,
        reasons -> Text,
        found_at -> Timestamp,
    }
}

diesel::table! {
    duplicate_runs (id) {
        id -> BigInt,
        since_id -> Nullable<BigInt>,
        since -> Nullable<Timestamp>,
        last_id -> BigInt,
        total -> BigInt,
        asked -> BigInt,
        found -> BigInt,
        started_at -> Timestamp,
        started_by -> Nullable<BigInt>,
        holder -> Nullable<Text>,
        held_until -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    duplicate_answers (id) {
        id -> BigInt,
        guest_id -> BigInt,
        answer -> Text,
        answered_at -> Timestamp,
        answered_on -> Date,
        answered_by -> BigInt,
        undone_at -> Nullable<Timestamp>,
        undone_by -> Nullable<BigInt>,
    }
}

diesel::table! {
    search_changes (id) {
        id -> BigInt,
        guest_id -> BigInt,
        transaction_id -> BigInt,
        changed_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (token_id, key) {
        token_id -> BigInt,
        key -> Text,
        request_hash -> Binary,
        status -> Nullable<SmallInt>,
        body -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    backup_runs (day) {
        day -> Date,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        file -> Nullable<Text>,
        bytes -> Nullable<BigInt>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    held_events (id) {
        id -> BigInt,
        token_id -> BigInt,
        property_id -> BigInt,
        confirmation_number -> Text,
        event -> Text,
        reason -> Text,
        detail -> Nullable<Text>,
        source_updated_at -> Nullable<Timestamp>,
        received_at -> Timestamp,
        tries -> BigInt,
        settled_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
        next_try_at -> Nullable<Timestamp>,
        given_up_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    events (id) {
        id -> BigInt,
        public_id -> Text,
        kind -> Text,
        property_id -> Nullable<BigInt>,
        guest_id -> Nullable<BigInt>,
        other_id -> Nullable<BigInt>,
        stay_id -> Nullable<BigInt>,
        detail -> Text,
        at -> Timestamp,
        position -> Nullable<BigInt>,
        once -> Nullable<Text>,
    }
}

diesel::table! {
    webhooks (id) {
        id -> BigInt,
        url -> Text,
        secret_sealed -> Binary,
        kinds -> Text,
        all_properties -> Bool,
        allows_private -> Bool,
        position -> BigInt,
        failures -> BigInt,
        failing_since -> Nullable<Timestamp>,
        retry_at -> Nullable<Timestamp>,
        paused_at -> Nullable<Timestamp>,
        paused_by -> Nullable<BigInt>,
        last_tried_at -> Nullable<Timestamp>,
        last_taken_at -> Nullable<Timestamp>,
        last_answer -> Nullable<Text>,
        created_at -> Timestamp,
        created_by -> BigInt,
    }
}

diesel::table! {
    webhook_properties (webhook_id, property_id) {
        webhook_id -> BigInt,
        property_id -> BigInt,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> BigInt,
        webhook_id -> BigInt,
        event_id -> BigInt,
        tries -> BigInt,
        next_try_at -> Nullable<Timestamp>,
        tried_at -> Nullable<Timestamp>,
        answer -> Nullable<Text>,
    }
}

diesel::table! {
    jobs (name) {
        name -> Text,
        holder -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        due_at -> Timestamp,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    outlets (id) {
        id -> BigInt,
        property_id -> BigInt,
        code -> Text,
        name -> Text,
        width -> BigInt,
        height -> BigInt,
    }
}

diesel::table! {
    dining_tables (id) {
        id -> BigInt,
        outlet_id -> BigInt,
        name -> Text,
        shape -> Text,
        x -> BigInt,
        y -> BigInt,
        width -> BigInt,
        height -> BigInt,
        rotation -> BigInt,
        seats -> BigInt,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    dining_table_features (table_id, feature) {
        table_id -> BigInt,
        feature -> Text,
    }
}

diesel::table! {
    dining_marks (id) {
        id -> BigInt,
        outlet_id -> BigInt,
        kind -> Text,
        label -> Nullable<Text>,
        x -> BigInt,
        y -> BigInt,
        width -> BigInt,
        height -> BigInt,
    }
}

diesel::table! {
    dining_combinations (id) {
        id -> BigInt,
        outlet_id -> BigInt,
        seats -> BigInt,
    }
}

diesel::table! {
    dining_combination_tables (combination_id, table_id) {
        combination_id -> BigInt,
        table_id -> BigInt,
    }
}

diesel::table! {
    dining_services (id) {
        id -> BigInt,
        outlet_id -> BigInt,
        meal -> Text,
        weekdays -> BigInt,
        opens_at -> BigInt,
        closes_at -> BigInt,
        turn_small -> BigInt,
        turn_middle -> BigInt,
        turn_large -> BigInt,
    }
}

diesel::table! {
    dining_closures (outlet_id, on_date) {
        outlet_id -> BigInt,
        on_date -> Date,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    dining_visits (id) {
        id -> BigInt,
        outlet_id -> BigInt,
        on_date -> Date,
        meal -> Text,
        status -> Text,
        guest_id -> Nullable<BigInt>,
        stay_id -> Nullable<BigInt>,
        called -> Nullable<Text>,
        covers -> BigInt,
        starts_at -> Timestamp,
        ends_at -> Timestamp,
        seated_at -> Nullable<Timestamp>,
        left_at -> Nullable<Timestamp>,
        quoted_minutes -> Nullable<BigInt>,
        requests -> Nullable<Text>,
        once -> Nullable<Text>,
        created_at -> Timestamp,
        created_by -> Nullable<BigInt>,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    dining_party (visit_id, guest_id) {
        visit_id -> BigInt,
        guest_id -> BigInt,
    }
}

diesel::table! {
    dining_visit_tables (visit_id, table_id) {
        visit_id -> BigInt,
        table_id -> BigInt,
        occupied -> Bool,
    }
}

diesel::table! {
    dining_slots (table_id, slot) {
        table_id -> BigInt,
        slot -> BigInt,
        visit_id -> BigInt,
    }
}

diesel::table! {
    greetings (id) {
        id -> BigInt,
        public_id -> Text,
        guest_id -> BigInt,
        property_id -> BigInt,
        stay_id -> Nullable<BigInt>,
        occasion -> Text,
        due_on -> Date,
        address -> Text,
        mailbox -> Text,
        language -> Text,
        facts -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        next_try_at -> Timestamp,
        expires_at -> Timestamp,
        tries -> BigInt,
        holder -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        message_id -> Nullable<Text>,
        planned_at -> Timestamp,
        sent_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    greeting_attempts (id) {
        id -> BigInt,
        greeting_id -> BigInt,
        at -> Timestamp,
        node -> Text,
        outcome -> Text,
        conversation -> Text,
    }
}

diesel::table! {
    suppressions (id) {
        id -> BigInt,
        guest_id -> Nullable<BigInt>,
        mailbox -> Nullable<Text>,
        reason -> Text,
        purpose -> Nullable<Text>,
        detail -> Nullable<Text>,
        made_at -> Timestamp,
        made_by -> Nullable<BigInt>,
        lifted_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    greeting_runs (property_id, day) {
        property_id -> BigInt,
        day -> Date,
        after_person -> BigInt,
        planned -> BigInt,
        refused -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    dishes (id) {
        id -> BigInt,
        outlet_id -> BigInt,
        code -> Text,
        name -> Text,
        native_name -> Nullable<Text>,
        course -> Text,
        retired_at -> Nullable<Timestamp>,
        place -> BigInt,
    }
}

diesel::table! {
    dish_unfit (dish_id, feature) {
        dish_id -> BigInt,
        feature -> Text,
    }
}

diesel::table! {
    dining_orders (id) {
        id -> BigInt,
        visit_id -> BigInt,
        dish_id -> BigInt,
        guest_id -> Nullable<BigInt>,
        quantity -> BigInt,
        reference -> Nullable<Text>,
        ordered_at -> Timestamp,
        ordered_by -> Nullable<BigInt>,
        voided_at -> Nullable<Timestamp>,
        once -> Nullable<Text>,
    }
}

diesel::table! {
    dish_opinions (guest_id, dish_id) {
        guest_id -> BigInt,
        dish_id -> BigInt,
        likes -> Bool,
        noted_on -> Date,
        noted_by -> Nullable<BigInt>,
    }
}

diesel::joinable!(greetings -> guests (guest_id));
diesel::joinable!(greetings -> properties (property_id));
diesel::joinable!(greeting_attempts -> greetings (greeting_id));
diesel::joinable!(rooms -> room_types (room_type_id));
diesel::joinable!(stays -> guests (guest_id));
diesel::joinable!(stays -> rooms (room_id));
diesel::joinable!(stays -> room_types (room_type_id));
diesel::joinable!(stays -> properties (property_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(room_features -> rooms (room_id));
diesel::joinable!(preferences -> guests (guest_id));
diesel::joinable!(cases -> guests (guest_id));
diesel::joinable!(case_events -> cases (case_id));
diesel::joinable!(offers -> stays (stay_id));
diesel::joinable!(offers -> offer_rules (rule_id));
diesel::joinable!(loyalty_accounts -> guests (guest_id));
diesel::joinable!(loyalty_entries -> loyalty_accounts (account_id));
diesel::joinable!(loyalty_lots -> loyalty_accounts (account_id));
diesel::joinable!(loyalty_requests -> loyalty_accounts (account_id));
diesel::joinable!(guest_contacts -> guests (guest_id));
diesel::joinable!(guest_documents -> guests (guest_id));
diesel::joinable!(guest_keys -> guests (guest_id));
diesel::joinable!(guest_likeness -> guests (guest_id));
diesel::joinable!(stay_bookings -> stays (stay_id));
diesel::joinable!(stay_candidates -> guests (guest_id));
diesel::joinable!(stay_candidates -> stays (stay_id));
diesel::joinable!(merge_moves -> merges (merge_id));
diesel::joinable!(reviews -> stays (stay_id));
diesel::joinable!(room_nights -> stays (stay_id));
diesel::joinable!(room_nights -> rooms (room_id));
diesel::joinable!(notes -> guests (guest_id));
diesel::joinable!(consents -> guests (guest_id));
diesel::joinable!(folio_charges -> stays (stay_id));
diesel::joinable!(user_properties -> users (user_id));
diesel::joinable!(user_properties -> properties (property_id));
diesel::joinable!(user_outlets -> users (user_id));
diesel::joinable!(user_outlets -> outlets (outlet_id));
diesel::joinable!(api_token_properties -> api_tokens (token_id));
diesel::joinable!(api_token_properties -> properties (property_id));
diesel::joinable!(webhook_deliveries -> events (event_id));
diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::joinable!(room_locks -> stays (stay_id));
diesel::joinable!(room_locks -> users (locked_by));
diesel::joinable!(assignments -> users (made_by));
diesel::joinable!(assignment_moves -> assignments (assignment_id));
diesel::joinable!(assignment_moves -> stays (stay_id));
diesel::joinable!(rooms -> properties (property_id));
diesel::joinable!(room_types -> properties (property_id));
diesel::joinable!(dining_visits -> guests (guest_id));
diesel::joinable!(dining_visits -> stays (stay_id));
diesel::joinable!(dining_visits -> outlets (outlet_id));
diesel::joinable!(dining_visit_tables -> dining_visits (visit_id));
diesel::joinable!(dining_visit_tables -> dining_tables (table_id));
diesel::joinable!(dining_slots -> dining_visits (visit_id));
diesel::joinable!(dining_slots -> dining_tables (table_id));
diesel::joinable!(dining_party -> guests (guest_id));
diesel::joinable!(dining_party -> dining_visits (visit_id));
diesel::joinable!(dish_unfit -> dishes (dish_id));
diesel::joinable!(dining_orders -> dishes (dish_id));
diesel::joinable!(dining_orders -> dining_visits (visit_id));
diesel::joinable!(dining_orders -> guests (guest_id));
diesel::joinable!(dish_opinions -> dishes (dish_id));
diesel::joinable!(dish_opinions -> guests (guest_id));
diesel::joinable!(dining_combination_tables -> dining_combinations (combination_id));

diesel::allow_columns_to_appear_in_same_group_by_clause!(
    rooms::property_id,
    room_features::feature,
);
diesel::allow_tables_to_appear_in_same_query!(
    features,
    properties,
    room_types,
    rooms,
    room_features,
    users,
    user_properties,
    user_outlets,
    sessions,
    login_failures,
    api_tokens,
    api_token_properties,
    guests,
    guest_contacts,
    guest_documents,
    guest_keys,
    guest_likeness,
    consents,
    stays,
    stay_bookings,
    stay_candidates,
    room_nights,
    room_locks,
    assignments,
    assignment_moves,
    room_connections,
    folio_charges,
    preferences,
    notes,
    cases,
    case_events,
    case_gestures,
    case_compensations,
    tasks,
    offer_rules,
    offers,
    loyalty_tiers,
    earn_rules,
    loyalty_accounts,
    loyalty_entries,
    loyalty_lots,
    loyalty_takes,
    loyalty_debts,
    loyalty_rules,
    loyalty_earnings,
    loyalty_rewards,
    loyalty_requests,
    merges,
    merge_moves,
    reviews,
    not_same,
    duplicate_pairs,
    duplicate_runs,
    duplicate_answers,
    audit_log,
    settings,
    greetings,
    greeting_attempts,
    suppressions,
    greeting_runs,
    search_changes,
    idempotency_keys,
    held_events,
    events,
    webhooks,
    webhook_properties,
    webhook_deliveries,
    jobs,
    backup_runs,
    outlets,
    dining_tables,
    dining_table_features,
    dining_marks,
    dining_combinations,
    dining_combination_tables,
    dining_services,
    dining_closures,
    dining_visits,
    dining_party,
    dining_visit_tables,
    dining_slots,
    dishes,
    dish_unfit,
    dining_orders,
    dish_opinions,
);
