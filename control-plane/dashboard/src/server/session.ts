import type { UserView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { queries } from './queries.ts';

/** What the one who is logged in may do; the server decides it again for every request. */
export function useMay(what: 'operate' | 'administer'): boolean {
  const role: UserView['role'] | undefined = useQuery(queries.session).data?.role;
  return role === 'admin' || (what === 'operate' && role === 'operator');
}
