package plain

import (
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// words are all that is said in one language. A field that holds a format says
// so by its verbs; both languages have the same ones.
type words struct {
	LanguageName, Prompt, Colon, Comma, Stop, Or, Within, YesNo                                          string
	More, Bye, PressedStop, Stopped, NotUnderstood, HelpHere, HelpEverywhere, HelpMore                   string
	NotSaved, NoCourse, Speaking, NoLanguage, PageHow, NoPause, Settings, NoDoctor                       string
	Home, LessonLine, New, UnderWay, Done, GoOn, HomeHow, NothingBegun                                   string
	WhichLesson, Pages, Steps, Questions, AtStep, AtExercise, AtQuiz, AtPage                             string
	AtStart, WherePage, PageTitle, NextPage, ToExercise, ToQuiz, LastPage, FirstPage                     string
	Contents, Read, YouAreHere, ContentsSteps, ContentsQuiz, ContentsHow, NoCode, WhichCode              string
	FindHow, NotFound, Found, FoundMore, FoundHow, FoundPage, FoundStep, FoundQuestion                   string
	WhereFound, WhereQuiz, QuestionTitle, Single, Multiple, TrueFalse, Order, TypeCommand                string
	TypeField, TypeLine, MistakeHere, NoMistake                                                          string
	TypeText, Right, NotRight, RightOrder, RightAnswer, RightChoice, WrongChoice, YourChoice             string
	Choice, Why, NextQuestion, ToSummary, Score, AllRight, SomeWrong, Due                                string
	DueLater, NothingDue, NothingAsked, WhereReview, ReviewTitle, OnceMore, ReviewOver, Remembered       string
	Fading, Forgotten, Unasked, NoGlossary, NoTerm, DidYouMean, AlsoCalled, ExplainedIn                  string
	Terms, TermTitle, Cluster, Opening, Restarting, StageRunning, StageDone, StageFailed                 string
	Opened, NotOpened, OpeningStopped, RetryHow, NotRestarted, ClusterClosed, ClusterOpen, Provider      string
	TermsIntro, TermsUser, TermsNamespace, TermsMakes, TermsLacks, TermsKept, AskTerms, NotAgreed        string
	NeedMissing, NeedElsewhere, AskWithout, AskAdd, Added, WhichCluster, NotStartable, AskStart          string
	StartedHow, FromNowOn, NeedsClosed, NeedsTitle, NeededBy, NeededByNone, NeedsHow, WhichNeed          string
	ReadOnly, NotMine                                                                                    string
	WhyThis, Version, Server, Candidates, Running, NotRunning, Unusable, ChosenOne                       string
	ClusterHow, NoCluster, Preparing, Workspace, WhereStep, StepTitle, Task, WhatHappened                string
	HowDo, HowAsk, HowPredict, HowManifest, HowPassed, HowAllPassedQuiz, Passed, PassedHow               string
	AllPassed, Regressed, Stuck, NotYet, CannotTell, NotBegun, WaitingFor, Holding                       string
	ExpectedFound, JustFound, NothingFound, Where, StepVerdict, BrokeHead, Diagnosis, StuckHead          string
	PassWord, NotYetWord, CannotTellWord, WaitingWord, HoldingWord, StuckWord, LaterWord, RegressedWord  string
	PassedBefore, Away, RestartHow, Back, EngineEnded, NoStart, NotJudged, NotRunningYet                 string
	NoWorkspace, LastStep, FirstStep, StepsHow, WaitingNow, WaitedLong, WaitHow, NoHints                 string
	HintOf, LastHint, NoSolution, AskSolution, Solution, YourAnswer, NotSent, Foretold                   string
	AskReset, Resetting, WasReset, NotReset, NothingDone, File, FileKept, NoEditor                       string
	EditorFailed, TypeFile, FileTooLong, FileAccepted, AskApply, FileApplied, FileUntold, FileRefused    string
	FileMend, FaultLine, FaultFile, FaultSource, FaultPath, LastSeen, YAMLHow, NoObject                  string
	KubectlHow, CommandFailed, CommandKilled, CommandNotRun, ShellNeedsTerminal, ShellBegins, ShellEnded string

	Welcome  []string // said once, to who has never been here
	Speech   markdown.SpeechWords
	Commands map[string]commandWords // by id
}

// wordsIn returns the words of a language; English where there are none.
func wordsIn(lang lessons.Lang) *words {
	if lang == lessons.Chinese {
		return wordsZH()
	}
	return wordsEN()
}
