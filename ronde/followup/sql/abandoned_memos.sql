-- A memo whose owner has left: nobody opens its record lastingly in the owner's name any more. Said
-- to who may open the record, about anybody else than themselves.
CREATE FUNCTION followup_owner_left(patient uuid, owner uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN owner IS DISTINCT FROM app.me()
        AND EXISTS (SELECT 1 FROM careteam_grant g
                    WHERE g.party_id = app.me() AND g.patient_id = patient)
        AND NOT coalesce(owner = ANY (private.careteam_answerers(patient)), false);
END $$;

-- Its audience and its end belong to its owner. One whose owner has left is taken over, by who
-- writes it and keeps the circle: in their own name, and nothing else changes at that moment.
CREATE OR REPLACE FUNCTION followup_memo_of_its_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.owner_party = app.me() AND NEW.owner_party = app.me() THEN
        RETURN NEW;
    END IF;
    IF NEW.owner_party = app.me() AND OLD.deleted_at IS NULL AND NEW.deleted_at IS NULL
       AND NEW.sharing = OLD.sharing
       AND followup_owner_left(OLD.patient_id, OLD.owner_party)
       AND 'careteam' = ANY (careteam_sections(OLD.patient_id, 2)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audience and the deletion of a memo belong to its owner'
        USING ERRCODE = 'insufficient_privilege';
END $$;
DROP TRIGGER followup_memo_owner ON followup_memo;
CREATE TRIGGER followup_memo_owner BEFORE UPDATE ON followup_memo FOR EACH ROW
    WHEN ((OLD.owner_party, OLD.owned_by_structure, OLD.sharing, OLD.recipients, OLD.deleted_at)
          IS DISTINCT FROM
          (NEW.owner_party, NEW.owned_by_structure, NEW.sharing, NEW.recipients, NEW.deleted_at)
          AND app.me() IS NOT NULL)
    EXECUTE FUNCTION followup_memo_of_its_owner();
