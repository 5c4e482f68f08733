import { createTransport } from 'nodemailer';
import type { AlertMail } from './mail-text.ts';

/** Who is told by mail, and through which server. */
export type NotifyOptions = {
  readonly mail: readonly string[];
  readonly smtp: {
    readonly host: string;
    /** Default 587, 465 with `secure`. */
    readonly port?: number;
    /** TLS from the first byte; otherwise STARTTLS where the server offers it. */
    readonly secure?: boolean;
    /** Refuses a server that does not offer TLS. Default: true when there is a password. */
    readonly requireTls?: boolean;
    readonly user?: string;
    readonly password?: string;
    /** Address of the sender. */
    readonly from: string;
  };
};

const TIMEOUT_MS = 15_000;

/** A connection for each mail: there are few. What the server says goes to nobody, as it may repeat what it was sent. */
export function mailer({ mail, smtp }: NotifyOptions): ((message: AlertMail) => Promise<void>) | null {
  if (mail.length === 0) return null;
  const { host, user, password, from, secure = false } = smtp;
  const transport = createTransport({
    ...{ host, port: smtp.port ?? (secure ? 465 : 587), secure },
    requireTLS: smtp.requireTls ?? password !== undefined,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return async ({ subject, text }) => {
    await transport.sendMail({ from, to: [...mail], subject, text });
  };
}
