import { Failure, systemCode } from '@slowlight/protocol/kit';

/** Says in people's words why a server cannot listen. */
export function translateListenFault(
  cause: unknown,
  { host, port, setting = 'SLOWLIGHT_HTTP_PORT' }: { host: string; port: number; setting?: string },
): Failure {
  const code = systemCode(cause);
  if (code === 'EADDRINUSE')
    return new Failure({
      code: 'http.port-taken',
      message: `The dashboard cannot start: port ${port} on ${host} is taken by another program.`,
      hint: `Stop that program, or choose another port with ${setting} (0 takes any free one).`,
      retry: 'later',
      cause,
    });
  return new Failure({
    code: 'http.cannot-listen',
    message: `The dashboard cannot start: ${host} port ${port} cannot be used (${code ?? String(cause)}).`,
    hint:
      code === 'EACCES'
        ? 'Ports below 1024 need special rights: choose a higher one with SLOWLIGHT_HTTP_PORT or SLOWLIGHT_HTTPS_PORT.'
        : 'Set SLOWLIGHT_HTTP_HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0.',
    retry: 'never',
    cause,
  });
}
