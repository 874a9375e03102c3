import { useEffect } from 'preact/hooks';
import { Link, Route, Router, Switch } from 'wouter-preact';
import type { Overview } from '../../src/monitoring/overview/overview';
import { OverviewContext, troublesOf } from './health';
import { AuditPage } from './pages/audit';
import { DeadLettersPage } from './pages/dead-letters/dead-letters-page';
import { ImportPage } from './pages/imports/import-page';
import { ImportsPage } from './pages/imports/imports-page';
import { JobStoryPage } from './pages/jobs/job-story-page';
import { JobsPage } from './pages/jobs/jobs-page';
import { OverviewPage } from './pages/overview/overview-page';
import { NavLink } from './parts/nav-link';
import { SchedulesPage } from './pages/schedules';
import { Page } from './parts/page';
import { usePolled } from './server/use-polled';
import { useSession } from './session';

const LOOK_EVERY_MS = 2_000;

const PAGES = [
  ['/', 'Overview'],
  ['/imports', 'Imports'],
  ['/jobs', 'Jobs'],
  ['/dead-letters', 'Dead letters'],
  ['/schedules', 'Schedules'],
  ['/audit', 'Audit log'],
] as const;

/** What is around every page: where to go, who is signed in, and how the service is. */
export function Shell() {
  const { visitor, signOut } = useSession();
  const overview = usePolled<Overview>('/admin/api/overview', LOOK_EVERY_MS);
  const troubles = troublesOf(overview);
  const critical = troubles?.filter(({ severity }) => severity === 'critical') ?? [];
  const health = critical.length > 0 ? 'bad' : troubles?.length ? 'warned' : 'good';

  useEffect(() => {
    const [worst] = critical;
    document.title = worst ? `⚠ ${worst.what} – InsightCRM` : 'InsightCRM cockpit';
    document.documentElement.dataset.health = health;
  });

  return (
    <OverviewContext.Provider value={overview}>
      <Router base="/admin">
        <a class="skip" href="#page">
          Skip to the page
        </a>
        <header>
          <strong class="brand">InsightCRM</strong>
          <nav aria-label="Pages">
            {PAGES.map(([href, name]) => (
              <NavLink key={href} href={href} name={name} />
            ))}
            <a href="/admin/queues">Bull Board</a>
          </nav>
          <p class="who">
            <span>
              {visitor.userId} <small>{visitor.role}</small>
            </span>
            <button class="plain" onClick={signOut}>
              Sign out
            </button>
          </p>
        </header>
        {critical.length > 0 && (
          <div class="alarm" role="alert">
            <strong>{critical.map(({ what }) => what).join(' · ')}</strong>
          </div>
        )}
        <main id="page">
          <Switch>
            <Route path="/" component={OverviewPage} />
            <Route path="/imports" component={ImportsPage} />
            <Route path="/imports/:id">{({ id }) => <ImportPage importId={id} />}</Route>
            <Route path="/jobs" component={JobsPage} />
            <Route path="/jobs/:queue/:jobId">
              {({ queue, jobId }) => <JobStoryPage queue={queue} jobId={jobId} />}
            </Route>
            <Route path="/dead-letters" component={DeadLettersPage} />
            <Route path="/schedules" component={SchedulesPage} />
            <Route path="/audit" component={AuditPage} />
            <Route>
              <Page title="Nothing is here">
                <p>
                  The pages are named above. <Link href="/">Go to the overview</Link>
                </p>
              </Page>
            </Route>
          </Switch>
        </main>
      </Router>
    </OverviewContext.Provider>
  );
}
