import { isIP, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ipv6Network } from '../lib/network.ts';

/**
 * Where a request came from. A proxy may hand on whatever its client wrote as an address: what is none is left out, so
 * that nothing of any length or kind is kept under it.
 */
export function addressOf(request: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  const given = plainAddress(request.ip);
  return isIP(given) === 0 ? plainAddress(request.socket.remoteAddress ?? 'unknown') : given;
}

/** What stands for one caller when attempts are counted: an IPv4 address, or the /64 that an IPv6 caller has to itself. */
export function networkOf(address: string): string {
  return isIPv6(address) ? ipv6Network(address) : address;
}

/** Without a zone; an IPv4 address that is written as an IPv6 one is itself. */
const plainAddress = (address: string): string =>
  address.replace(/%.*$/, '').replace(/^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i, '$1');
