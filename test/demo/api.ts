import type {
  AgentView,
  CameraView,
  CoverageView,
  FrameView,
  Problem,
  SiteView,
  SystemView,
  TimelapseView,
  VideoView,
} from '@slowlight/protocol';

/** The parts of the REST API that the demo, the stories and the benches speak to, over real HTTP, logged in as a person. */
export interface Api {
  get<Answer>(path: string): Promise<Answer>;
  send<Answer>(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

export interface PageOf<Item> {
  items: Item[];
  next: string | null;
}
export type { AgentView, CameraView, CoverageView, FrameView, SiteView, SystemView, TimelapseView, VideoView };

/**
 * Logs in and gives the API.
 * @throws Error with the problem's detail and hint for every answer that is none of success
 */
export async function logIn(address: string, name: string, password: string): Promise<Api> {
  let cookie = '';
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('origin', address);
    if (cookie !== '') headers.set('cookie', cookie);
    const answer = await fetch(new URL(path, address), { ...init, headers });
    if (answer.ok) return answer;
    const problem = (await answer.json().catch(() => null)) as Problem | null;
    const fields = problem?.fields?.map(({ path: field, problem: what }) => `${field} ${what}`).join('; ') ?? '';
    throw new Error(
      `${init.method ?? 'GET'} ${path}: ${answer.status} ${problem?.code ?? ''} ${problem?.detail ?? ''} ${fields} ${problem?.hint ?? ''}`.trim(),
    );
  };
  const read = async <Answer>(answer: Response): Promise<Answer> =>
    (answer.status === 204 ? undefined : await answer.json()) as Answer;
  const json = (body: unknown): RequestInit =>
    body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };

  const session = await ask('/api/session', { method: 'POST', ...json({ name, password }) });
  cookie = session.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  return {
    get: async <Answer>(path: string) => read<Answer>(await ask(path)),
    send: async <Answer>(method: string, path: string, body?: unknown) =>
      read<Answer>(await ask(path, { method, ...json(body) })),
    fetch: ask,
  };
}
