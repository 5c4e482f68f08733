import { ForeknowError } from '../../errors/errors.ts';

export const unreachable = (detail: string): ForeknowError =>
  new ForeknowError('source_unreachable', {
    detail,
    hint: 'Look at the address, the port and the network between; the next read comes by itself.',
  });

/** Result codes of RFC 4511 (A.1) that people meet, and what to do about them. */
const results: Readonly<Record<number, readonly [name: string, hint: string]>> = {
  1: ['operationsError', 'Active Directory says so before a bind: look at bind.dn.'],
  3: ['timeLimitExceeded', 'Narrow base or filter, or let the server allow this account more time.'],
  4: ['sizeLimitExceeded', 'Let the server give this account all entries: OpenLDAP’s limits … size=unlimited.'],
  8: ['strongerAuthRequired', 'Use ldaps://, or start_tls.'],
  10: ['referral', 'Referrals are not followed: ask the server that has the base.'],
  11: ['adminLimitExceeded', 'Narrow base or filter, or raise the limit of the server.'],
  12: ['unavailableCriticalExtension', 'The server cannot answer in pages, so that nothing would prove a read.'],
  13: ['confidentialityRequired', 'Use ldaps://, or start_tls.'],
  32: ['noSuchObject', 'Is base right, and may the account read it?'],
  34: ['invalidDNSyntax', 'Look at the spelling of base and bind.dn.'],
  48: ['inappropriateAuthentication', 'Give bind.dn and a password.'],
  50: ['insufficientAccessRights', 'Give the account the right to read there.'],
  51: ['busy', 'The next read comes by itself.'],
  52: ['unavailable', 'The next read comes by itself.'],
  53: ['unwillingToPerform', 'Active Directory wants a password that is not empty, and TLS.'],
};

/** What Active Directory writes as `data NNN` when it refuses a bind: Windows error codes in hex. */
const refusedBinds: Readonly<Record<string, string>> = {
  '525': 'there is no such account',
  '52e': 'the password is wrong',
  '530': 'the account may not sign in now',
  '531': 'the account may not sign in from here',
  '532': 'its password has expired',
  '533': 'the account is disabled',
  '701': 'the account has expired',
  '773': 'its password has to be changed first',
  '775': 'the account is locked',
};

/** What a server said instead of success. Its own words are not passed on: nobody knows what stands in them. */
export function refused(what: string, code: number, message: string): ForeknowError {
  if (code === 49) {
    const why = refusedBinds[/\bdata ([\da-f]{3})\b/i.exec(message)?.[1]?.toLowerCase() ?? ''];
    return new ForeknowError('source_unauthorized', {
      detail: `The directory refuses the credentials${why === undefined ? '' : `: ${why}`}.`,
      hint: 'Look at bind.dn and bind.password; bind.dn is a whole DN, or the account@domain of Active Directory.',
    });
  }
  const [name, hint] = results[code] ?? ['another result', 'The log of the server says more.'];
  return new ForeknowError('source_rejected', {
    detail: `The directory refuses to ${what}: ${name} (${code}).`,
    hint,
  });
}
