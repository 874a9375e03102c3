import type { ComponentChildren } from 'preact';

interface TableProps {
  /** For who can not see what is around it. */
  caption: string;
  head: readonly string[];
  children: ComponentChildren;
}

/** Scrolls sideways by itself where the screen is narrow. */
export const Table = ({ caption, head, children }: TableProps) => (
  <div class="scroll" tabIndex={0} role="region" aria-label={caption}>
    <table>
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          {head.map((text) => (
            <th key={text} scope="col">
              {text}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);
