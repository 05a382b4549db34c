import type { SiteId, TokenView } from '@slowlight/protocol';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ownZone } from '../moments/zone.ts';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Ago, Moment } from '../parts/moment.tsx';
import { actions, useAction } from '../server/actions.ts';
import { keys, queries } from '../server/queries.ts';
import { words } from '../words.ts';
import { SystemFrame } from './system-frame.tsx';
import { TokenDialog } from './token-dialog.tsx';

export function TokensPage() {
  return (
    <SystemFrame at="/system/tokens">
      <Tokens />
    </SystemFrame>
  );
}

function Tokens() {
  const tokens = useQuery(queries.tokens);
  const [adding, setAdding] = useState(false);
  return (
    <section>
      <div className="section-head">
        <h2>{words.system.tokens}</h2>
        <div className="actions">
          <Button icon="plus" onClick={() => setAdding(true)}>
            {words.system.addToken}
          </Button>
        </div>
      </div>
      <Loaded query={tokens}>
        {(list) => (
          <ul className="panel rows">
            {list.length === 0 && <li className="muted">{`${words.system.noTokens} ${words.system.tokensText}`}</li>}
            {list.map((token) => (
              <Token key={token.id} token={token} />
            ))}
          </ul>
        )}
      </Loaded>
      <TokenDialog open={adding} onClose={() => setAdding(false)} />
    </section>
  );
}

function Token({ token }: { token: TokenView }) {
  const [asked, setAsked] = useState(false);
  const sites = useQuery(queries.sites).data;
  const nameOf = (id: SiteId) => sites?.find((site) => site.id === id)?.name ?? id;
  const remove = useAction({ run: actions.deleteToken, stale: [keys.tokens], done: words.system.tokenRemoved });
  return (
    <li className="row">
      <span>{token.name}</span>
      <span className="muted small">{words.system.roles[token.role]}</span>
      <span className="muted small">
        {token.scopes.map((scope) => words.scopes.names[scope]).join(', ')}
        {token.sites !== null && ` (${token.sites.map(nameOf).join(', ')})`}
      </span>
      <span className="muted small">
        {words.system.lastUsed} {token.lastUsedAt === null ? words.common.never : <Ago at={token.lastUsedAt} />}
      </span>
      {token.expiresAt !== null && (
        <span className="muted small">
          {words.system.expires} <Moment at={token.expiresAt} zone={ownZone()} style="date" />
        </span>
      )}
      <Button
        kind="quiet"
        icon="trash"
        className="at-end"
        busy={remove.busy}
        aria-label={`${words.system.removeToken}: ${token.name}`}
        onClick={() => setAsked(true)}
      />
      <Confirm
        open={asked}
        onOpenChange={setAsked}
        title={words.system.removeTokenTitle}
        action={words.system.removeToken}
        danger
        onConfirm={() => remove.run(token.id)}
      >
        <p>{words.system.removeTokenText}</p>
      </Confirm>
    </li>
  );
}
