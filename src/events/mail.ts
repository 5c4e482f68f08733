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

/** Mails alerts to those who are told of them; null where that is nobody. */
export function mailer({ mail, smtp }: NotifyOptions): ((message: AlertMail) => Promise<void>) | null {
  if (mail.length === 0) return null;
  const send = mailSender(smtp);
  return (message) => send(mail, message);
}

/** Sends plain text to somebody. */
export type SendMail = (
  to: readonly string[],
  mail: { readonly subject: string; readonly text: string },
) => Promise<void>;

/** A connection for each mail: there are few. What the server says goes to nobody, as it may repeat what it was sent. */
export function mailSender(smtp: NotifyOptions['smtp']): SendMail {
  const { host, user, password, from, secure = false } = smtp;
  const transport = createTransport({
    ...{ host, port: smtp.port ?? (secure ? 465 : 587), secure },
    requireTLS: smtp.requireTls ?? password !== undefined,
    ...(user === undefined ? {} : { auth: { user, pass: password ?? '' } }),
    ...{ connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS },
    ...{ disableFileAccess: true, disableUrlAccess: true },
  });
  return async (to, { subject, text }) => {
    await transport.sendMail({ from, to: [...to], subject, text });
  };
}
