import { lazy, StrictMode, Suspense } from 'react'
import { Route, Switch } from 'wouter'
import { Announcer } from './announcer.tsx'
import { wordsFor } from './api.ts'
import { Broken } from './broken.tsx'
import { Frame } from './frame.tsx'
import { LogInFirst } from './login.tsx'
import { MeProvider, useMeAnswer } from './me.tsx'
import { NotHere } from './notHere.tsx'
import { Notice } from './notice.tsx'
import { ShortcutProvider } from './shortcuts.tsx'
import { TasksScreen } from './tasks/tasksScreen.tsx'

const NewTaskScreen = lazy(async () => ({ default: (await import('./newTask/newTaskScreen.tsx')).NewTaskScreen }))
const TaskScreen = lazy(async () => ({ default: (await import('./task/taskScreen.tsx')).TaskScreen }))
const NumbersScreen = lazy(async () => ({ default: (await import('./numbers/numbersScreen.tsx')).NumbersScreen }))

export function App() {
  return (
    <StrictMode>
      <Announcer>
        <MeProvider>
          <ShortcutProvider>
            <Frame>
              <Broken>
                <Screens />
              </Broken>
            </Frame>
          </ShortcutProvider>
        </MeProvider>
      </Announcer>
    </StrictMode>
  )
}

function Screens() {
  const { answer, ask } = useMeAnswer()
  if (answer !== undefined && answer.is !== 'ok') {
    return (
      <Notice
        whole
        kind="error"
        title="Errand is out of reach"
        action={
          <button type="button" className="button" onClick={ask}>
            Try again
          </button>
        }
      >
        {wordsFor(answer)}
      </Notice>
    )
  }
  if (answer?.is === 'ok' && answer.value.user === null) {
    return <LogInFirst login={answer.value.login} gitlab={answer.value.gitlab} />
  }
  return (
    <Suspense fallback={<p className="muted loading">Loading</p>}>
      <Switch>
        <Route path="/">
          <TasksScreen />
        </Route>
        <Route path="/new">
          <NewTaskScreen />
        </Route>
        <Route path="/tasks/:id">{({ id }) => <TaskScreen key={id} id={id} />}</Route>
        <Route path="/numbers">
          <NumbersScreen />
        </Route>
        <Route>
          <NotHere />
        </Route>
      </Switch>
    </Suspense>
  )
}
