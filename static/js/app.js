// Everything works without these; they make it quicker.
import './forms.js';
import './keys.js';
import './search.js';
import './live.js';
import './privacy.js';

// An open menu closes when the attention goes elsewhere.
const menus = () => document.querySelectorAll('details.menu[open]');
document.addEventListener('pointerdown', e => menus().forEach(m => m.contains(e.target) || (m.open = false)));
document.addEventListener('focusin', e => menus().forEach(m => m.contains(e.target) || (m.open = false)));

// Only a restaurant keeps what is done for when the line is back.
if (document.querySelector('[data-queued]')) import('./seat.js');
