import type { Trouble } from '../../../../src/monitoring/overview/troubles';

/** What is wrong and what to do about it, or that all is well. */
export const Troubles = ({ troubles }: { troubles: readonly Trouble[] }) =>
  troubles.length === 0 ? (
    <p class="calm">All is well.</p>
  ) : (
    <ul class="troubles" aria-label="What is wrong">
      {troubles.map(({ severity, what, todo }) => (
        <li key={what} class={severity}>
          <strong>{what}</strong>
          <span>{todo}</span>
        </li>
      ))}
    </ul>
  );
