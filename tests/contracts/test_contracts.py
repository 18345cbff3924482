"""Every released event stays readable, and is routed to exactly one handler."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from services.chassis.service import Service
from services.contracts import CONTRACTS, SERVICES, consumed_by, from_envelope, to_envelope

GOLDEN = Path(__file__).parent / "golden"
ROUTED = sorted(name for name, contract in CONTRACTS.items() if contract.consumers)


def service(name: str) -> Service:
    found: Service = importlib.import_module(f"services.{name}.app").SERVICE
    return found


def golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    return found


def test_services_are_the_folders_that_have_an_app() -> None:
    folders = Path(importlib.import_module("services").__file__ or "").parent
    assert {path.parent.name for path in folders.glob("*/app.py")} == set(SERVICES)


def test_every_contract_has_a_golden_file_and_every_golden_file_a_contract() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CONTRACTS)


@pytest.mark.parametrize("name", ROUTED)
def test_the_golden_event_is_read_and_written_again_without_loss(name: str) -> None:
    envelope = golden(name)
    event = from_envelope(envelope)
    contract = CONTRACTS[name]
    assert event.type == name
    assert contract.dump(contract.load(event.data)) == envelope["data"]
    assert to_envelope(event) == envelope


@pytest.mark.parametrize("name", sorted(set(CONTRACTS) - set(ROUTED)))
def test_the_golden_message_of_the_plumbing_is_read_and_written_again(name: str) -> None:
    assert CONTRACTS[name].dump(CONTRACTS[name].load(golden(name))) == golden(name)


@pytest.mark.parametrize("name", ROUTED)
def test_what_a_later_version_adds_is_ignored(name: str) -> None:
    envelope = golden(name) | {"later": 1}
    envelope["data"] = envelope["data"] | {"later": {"more": True}}
    event = from_envelope(envelope)
    assert "later" not in CONTRACTS[name].load(event.data)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_handles_exactly_what_it_consumes(name: str) -> None:
    assert set(service(name).handlers) == {contract.type for contract in consumed_by(name)}


@pytest.mark.parametrize("name", ROUTED)
def test_an_event_goes_from_one_service_to_others(name: str) -> None:
    contract = CONTRACTS[name]
    assert contract.producer in SERVICES
    assert set(contract.consumers) <= set(SERVICES) - {contract.producer}


@given(
    st.dictionaries(
        st.sampled_from(["id", "type", "source", "subject", "time", "sequence", "data"]),
        st.one_of(st.none(), st.text(), st.integers(), st.lists(st.integers())),
    )
)
def test_what_is_no_envelope_is_refused_and_never_breaks(attributes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        from_envelope(attributes)
