/** The page begins. */

import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import './style/base.css'
import './style/parts.css'
import './style/tasks.css'

const place = document.getElementById('page')
if (place !== null) createRoot(place).render(<App />)
