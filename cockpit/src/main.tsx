import { render } from 'preact';

const root = document.querySelector('#app');
if (root) render(<h1>InsightCRM cockpit</h1>, root);
