"""Money is an integer count of minor units (paise, cents); these spell it."""


def major_text(minor: int) -> str:
    """Give "500.00" for 50000."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"


def major_number(minor: int) -> float:
    """Give 500.0 for 50000: the nearest double, which prints with the two decimals it stands for."""
    return minor / 100
