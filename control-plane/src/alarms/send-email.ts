/** Mail by SMTP. The server's address is looked up once and is what is connected to, under the same rules as web addresses. */
import { isIP } from 'node:net';
import type { ChannelTarget } from '@slowlight/protocol';
import { type Clock, deadline, Failure, type Outbound } from '@slowlight/protocol/kit';
import type { Message } from './message.ts';

type Mail = Extract<ChannelTarget, { kind: 'email' }>;
/** For all of it, ms: a mail with pictures over a slow line. */
export const MAIL_WITHIN_MS = 40_000;

/** @throws Failure `mail.*` | `outbound.blocked` */
export async function sendEmail(
  { outbound, clock }: { outbound: Outbound; clock: Clock },
  { target, password, message }: { target: Mail; password: string | null; message: Message },
  signal: AbortSignal,
): Promise<void> {
  // Loaded by whoever has a mailbox: it takes 5 MB.
  const { createTransport } = await import('nodemailer');
  const address = await resolve(outbound, target.host);
  const limit = deadline(clock, MAIL_WITHIN_MS, signal);
  const transport = createTransport({
    host: address,
    port: target.port,
    secure: target.security === 'tls',
    requireTLS: target.security === 'starttls',
    ignoreTLS: target.security === 'none',
    ...(target.username !== null && { auth: { user: target.username, pass: password ?? '' } }),
    tls: {
      ...(isIP(target.host) === 0 && { servername: target.host }),
      ...(target.ca !== null && { ca: target.ca }),
    },
    connectionTimeout: MAIL_WITHIN_MS,
    greetingTimeout: MAIL_WITHIN_MS,
    socketTimeout: MAIL_WITHIN_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const stop = () => transport.close();
  limit.signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([transport.sendMail(mailOf(target, message)), ended(limit.signal)]);
  } catch (thrown) {
    throw translate(thrown, target, limit.signal.aborted && !signal.aborted);
  } finally {
    limit.clear();
    transport.close();
  }
}

function mailOf(target: Mail, { id, title, text, link, severity, at, html, pictures = [] }: Message) {
  return {
    from: { name: 'Slowlight', address: target.from },
    to: target.to,
    subject: title,
    text: link === null ? text : `${text}\n\n${link}`,
    date: new Date(at),
    // The same at each try, so that a mailbox can tell that it is the same.
    messageId: `<${id}@${target.from.split('@')[1] ?? 'slowlight'}>`,
    ...(severity === 'critical' && { priority: 'high' as const }),
    headers: { 'Auto-Submitted': 'auto-generated' },
    ...(html !== undefined && { html }),
    attachments: pictures.map(({ cid, jpeg }) => ({
      filename: `${cid}.jpg`,
      content: jpeg,
      contentType: 'image/jpeg',
      cid,
      contentDisposition: 'inline' as const,
    })),
  };
}

const ended = (signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => {
    const stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });

async function resolve(outbound: Outbound, host: string): Promise<string> {
  if (isIP(host) !== 0) {
    if (outbound.mayReach(host)) return host;
    throw blocked(host);
  }
  return new Promise((done, fail) => {
    outbound.lookup(host, {}, (fault, address) => {
      if (fault === null && typeof address === 'string') done(address);
      else if (fault?.code === 'EBLOCKED') fail(blocked(host));
      else
        fail(
          new Failure({
            code: 'mail.unknown-host',
            message: `There is no machine named ${host} (${fault?.code ?? 'unknown'}).`,
            hint: 'Look at the name of the mail server.',
            retry: 'soon',
            cause: fault,
          }),
        );
    });
  });
}

const blocked = (host: string) =>
  new Failure({
    code: 'outbound.blocked',
    message: `${host} is no public address, so nothing is sent there.`,
    hint: 'If it really is meant, add its network to SLOWLIGHT_OUTBOUND_NETWORKS.',
    retry: 'never',
  });

/** What a mail server or the way to it said, in words. */
function translate(thrown: unknown, { host, port, security }: Mail, isLate: boolean): Failure {
  if (thrown instanceof Failure) return thrown;
  const fields = typeof thrown === 'object' && thrown !== null ? thrown : {};
  const code = 'code' in fields ? String(fields.code) : 'unknown';
  const answer = 'responseCode' in fields ? Number(fields.responseCode) : null;
  const make = (failure: { code: string; message: string; hint: string; retry: 'soon' | 'never' }) =>
    new Failure({ ...failure, cause: thrown });
  if (isLate || code === 'ETIMEDOUT')
    return make({
      code: 'mail.timed-out',
      message: `${host} did not answer in time on port ${port}.`,
      hint: 'Look at the port, and whether it speaks TLS from the first byte (usually 465) or after STARTTLS (usually 587).',
      retry: 'soon',
    });
  if (code === 'EAUTH' || code === 'ENOAUTH')
    return make({
      code: 'mail.login-refused',
      message: `${host} does not take the user name and password.`,
      hint: 'Type both in again; some providers want a password made for programs.',
      retry: 'never',
    });
  // Of a certificate that is not trusted the library gives only the text of the run time.
  const said = thrown instanceof Error ? thrown.message : '';
  if (
    /certificate|self[- ]signed|altname|wrong version number/i.test(said) ||
    code === 'ETLS' ||
    code.startsWith('ERR_TLS') ||
    code.startsWith('ERR_SSL') ||
    /CERT|SIGNED/.test(code)
  )
    return make({
      code: 'mail.not-trusted',
      message: `No encrypted connection to ${host} could be made (${code}, ${security}).`,
      hint: 'Look whether its certificate is for this name and from an authority that is known here; one of your own can be given.',
      retry: 'never',
    });
  if (answer !== null && answer >= 500)
    return make({
      code: 'mail.refused',
      message: `${host} does not take the mail (${answer}).`,
      hint: 'Look at the addresses of sender and receivers: many servers send only for their own.',
      retry: 'never',
    });
  return make({
    code: answer === null ? 'mail.unreachable' : 'mail.busy',
    message: answer === null ? `${host} cannot be reached (${code}).` : `${host} is busy (${answer}).`,
    hint: 'Look at the address and the port; it is tried again.',
    retry: 'soon',
  });
}
