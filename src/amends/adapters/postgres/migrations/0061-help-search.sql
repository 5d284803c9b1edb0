-- What searching the help centre needs. The articles themselves come with the package and are never stored.
-- depends: 0051-tracking-numbers

-- migrate: apply

-- Both come with PostgreSQL and are trusted: whoever may create in this database may have them. Where that is not
-- allowed, or they are not installed, words are found as they are written, and the search says so.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['pg_trgm', 'unaccent'] loop
        begin
            execute format('create extension if not exists %I', wanted);
        exception when others then
            raise warning 'the extension % could not be created (%): mistyped words will not be found in the help '
                'centre; let somebody who may run "create extension %"', wanted, sqlerrm, wanted;
        end;
    end loop;
end;
$$;

-- migrate: rollback
