import { useState } from 'preact/hooks';
import type { AdminVisitor } from '../../../src/auth/admin-visitor';
import { Problem } from '../parts/problem';
import { SESSION, send } from '../server/api';
import { useAct } from '../server/use-act';

/** By the name and password of an account, or by a token. */
export function SignIn({ onSignedIn }: { onSignedIn: (visitor: AdminVisitor) => void }) {
  const [byToken, setByToken] = useState(false);
  const signIn = useAct(async (form: HTMLFormElement) => {
    const wish = Object.fromEntries(new FormData(form)) as Record<string, string>;
    onSignedIn(await send<AdminVisitor>('POST', SESSION, { body: wish }));
  });
  return (
    <main class="sign-in">
      <h1>InsightCRM cockpit</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          signIn.run(event.currentTarget);
        }}
      >
        {byToken ? (
          <label>
            Token
            <textarea name="token" required rows={5} spellcheck={false} autocomplete="off" />
          </label>
        ) : (
          <>
            <label>
              User
              <input name="user" required autocomplete="username" />
            </label>
            <label>
              Password
              <input name="password" type="password" required autocomplete="current-password" />
            </label>
          </>
        )}
        <Problem text={signIn.problem} />
        <button class="main" disabled={signIn.isRunning}>
          Sign in
        </button>
        <button
          type="button"
          class="plain"
          onClick={() => {
            setByToken(!byToken);
          }}
        >
          {byToken ? 'Sign in with a password instead' : 'Sign in with a token instead'}
        </button>
      </form>
    </main>
  );
}
