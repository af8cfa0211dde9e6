"""Lets the shared suites explain their failures as test modules do."""

import pytest

pytest.register_assert_rewrite("tests.connectors.contract", "tests.standins.line")
