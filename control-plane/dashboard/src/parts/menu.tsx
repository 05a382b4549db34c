import { DropdownMenu } from 'radix-ui';
import { Fragment, type ReactNode } from 'react';
import { Icon, type IconName } from './icon.tsx';
import './menu.css';

export type MenuEntry =
  | { kind: 'act'; text: string; icon?: IconName; danger?: boolean; onSelect: () => void }
  | { kind: 'link'; text: string; icon?: IconName; href: string }
  | {
      kind: 'choice';
      title: string;
      value: string;
      options: readonly (readonly [string, string])[];
      onPick: (value: string) => void;
    }
  | { kind: 'say'; text: ReactNode }
  | { kind: 'line' };

/** Not modal: the modal one writes a style sheet into the page, which the CSP forbids. */
export function Menu({ trigger, entries }: { trigger: ReactNode; entries: readonly MenuEntry[] }) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" align="end" sideOffset={6} collisionPadding={8}>
          {entries.map((entry, index) => (
            // The entries of a menu are in a fixed order.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <Fragment key={index}>
              <Entry entry={entry} />
            </Fragment>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case 'line':
      return <DropdownMenu.Separator className="menu-line" />;
    case 'say':
      return <DropdownMenu.Label className="menu-say">{entry.text}</DropdownMenu.Label>;
    case 'link':
      return (
        <DropdownMenu.Item className="menu-item" asChild>
          <a href={entry.href}>
            {entry.icon !== undefined && <Icon name={entry.icon} />}
            {entry.text}
          </a>
        </DropdownMenu.Item>
      );
    case 'act':
      return (
        <DropdownMenu.Item
          className={`menu-item ${entry.danger === true ? 'menu-danger' : ''}`}
          onSelect={entry.onSelect}
        >
          {entry.icon !== undefined && <Icon name={entry.icon} />}
          {entry.text}
        </DropdownMenu.Item>
      );
    case 'choice':
      return (
        <DropdownMenu.RadioGroup value={entry.value} onValueChange={entry.onPick}>
          <DropdownMenu.Label className="menu-title">{entry.title}</DropdownMenu.Label>
          {entry.options.map(([value, text]) => (
            <DropdownMenu.RadioItem
              key={value}
              className="menu-item"
              value={value}
              onSelect={(event) => event.preventDefault()}
            >
              <span className="menu-check">
                <DropdownMenu.ItemIndicator>
                  <Icon name="check" />
                </DropdownMenu.ItemIndicator>
              </span>
              {text}
            </DropdownMenu.RadioItem>
          ))}
        </DropdownMenu.RadioGroup>
      );
  }
}
