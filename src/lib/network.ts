/** The first groups of an IPv6 address, in lower case and without leading zeros. */
function firstGroups(address: string, count: number): readonly string[] {
  const [head = '', tail] = address.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end takes the place of two groups.
  const written = before.length + after.length + (address.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - written)).fill('0');
  return [...before, ...zeros, ...after].slice(0, count).map((group) => group.replace(/^0+(?=.)/, ''));
}

/** The /64 that an IPv6 caller has to itself. */
export const ipv6Network = (address: string): string => `${firstGroups(address, 4).join(':')}::/64`;

/** The neighbourhood of an address: the /24 of IPv4, the /64 of IPv6; what is neither stands for itself, cut. */
export function neighbourhoodOf(address: string): string {
  const ipv4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address);
  if (ipv4) return `${ipv4[1]}.0/24`;
  return /^[\da-f:.]*:[\da-f:.]*$/i.test(address) ? ipv6Network(address) : address.slice(0, 64);
}
