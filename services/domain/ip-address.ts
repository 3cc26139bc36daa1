/** IP addresses as 128 bits, IPv4 as ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), so that an address has one form however it is written. */

const IPV4_PREFIX = 0xffffn << 32n;
const BITS = 128;
const IPV4_BITS = 32;

/** `undefined` when it is no address. A zone (`fe80::1%eth0`) is left out. */
export function addressBits(text: string): bigint | undefined {
  const [address = ''] = text.split('%');
  if (!address.includes(':')) {
    const bits = ipv4Bits(address);
    return bits === undefined ? undefined : IPV4_PREFIX | bits;
  }
  return ipv6Bits(address);
}

/** Is the address the one given, or in the network `address/bits`? */
export function isWithin(address: string, network: string): boolean {
  const [base = '', length] = network.split('/');
  const [bits, baseBits] = [addressBits(address), addressBits(base)];
  if (bits === undefined || baseBits === undefined) return false;
  const prefix = length === undefined ? BITS : Number(length) + (base.includes(':') ? 0 : BITS - IPV4_BITS);
  const shift = BigInt(BITS - prefix);
  return bits >> shift === baseBits >> shift;
}

/** 127.0.0.0/8 and ::1. */
export const isLoopback = (address: string): boolean => isWithin(address, '127.0.0.0/8') || isWithin(address, '::1');

function ipv4Bits(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function ipv6Bits(text: string): bigint | undefined {
  const [head = '', tail, ...more] = withoutDots(text).split('::');
  if (more.length > 0) return undefined;
  const [before, after] = [groups(head), groups(tail ?? '')];
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const all = [...before, ...Array.from({ length: missing }, () => '0'), ...after];
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return all.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}

const groups = (text: string): readonly string[] => (text === '' ? [] : text.split(':'));

/** The last 32 bits may be written as IPv4. */
function withoutDots(text: string): string {
  const colon = text.lastIndexOf(':');
  const bits = ipv4Bits(text.slice(colon + 1));
  if (bits === undefined) return text;
  return `${text.slice(0, colon + 1)}${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
}
