"""What the kernel writes for programs, with its stack full of one letter before each call."""

from user_programs import failures


def test_no_junk_comes_out(boot):
    result = boot("--ram", "64M", "--param", "stack_junk=1", "--", "/test/leak")
    assert failures(result.text) == []
    assert result.status == 0
