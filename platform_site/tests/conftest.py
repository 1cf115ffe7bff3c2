from scheduling.tests.conftest import no_sandbox_is_left

__all__ = ["no_sandbox_is_left"]
