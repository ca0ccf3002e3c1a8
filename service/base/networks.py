"""Networks: whose addresses belong together when something is counted against them."""

import ipaddress

# One household has a /64 of IPv6, many have a /56, and a /48 is had for the asking. Of IPv4 an
# address is what a household has, and a /24 the least that is ever handed out.
TIERS = {4: (32, 24), 6: (64, 56, 48)}


def tiers(address: str) -> tuple[str, ...]:
    """Return the networks that an address lies in, the smallest first; what is none stands alone.

    The smallest one is a household's, or an office's.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return (address,)
    # How a socket for both kinds writes an IPv4 address.
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return tuple(
        str(ipaddress.ip_network((plain, length), strict=False)) for length in TIERS[plain.version]
    )
