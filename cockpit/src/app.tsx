import { useEffect, useState } from 'preact/hooks';
import type { AdminVisitor } from '../../src/auth/admin-visitor';
import { SignIn } from './pages/sign-in';
import { Problem } from './parts/problem';
import { get, send, SESSION, textOf, whenSignedOut } from './server/api';
import { SessionContext } from './session';
import { Shell } from './shell';

type Who = 'asking' | { visitor: AdminVisitor | null } | { problem: string };

/** Who is not signed in sees where to; everybody else sees the pages. */
export function App() {
  const [who, setWho] = useState<Who>('asking');

  useEffect(() => {
    whenSignedOut(() => {
      setWho({ visitor: null });
    });
    get<AdminVisitor | null>(SESSION).then(
      (visitor) => {
        setWho({ visitor });
      },
      (error: unknown) => {
        setWho({ problem: textOf(error) });
      },
    );
  }, []);

  if (who === 'asking') return null;
  if ('problem' in who) return <Away problem={who.problem} />;
  const { visitor } = who;
  if (!visitor)
    return (
      <SignIn
        onSignedIn={(signedIn) => {
          setWho({ visitor: signedIn });
        }}
      />
    );
  const signOut = (): void => {
    send('DELETE', SESSION).then(
      () => {
        setWho({ visitor: null });
      },
      (error: unknown) => {
        setWho({ problem: textOf(error) });
      },
    );
  };
  return (
    <SessionContext.Provider value={{ visitor, signOut }}>
      <Shell />
    </SessionContext.Provider>
  );
}

const Away = ({ problem }: { problem: string }) => (
  <main class="sign-in">
    <h1>InsightCRM cockpit</h1>
    <Problem text={problem} />
    <p>Sessions are kept in Redis. Look at it, and at the service; then load this page again.</p>
  </main>
);
