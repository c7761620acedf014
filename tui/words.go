package tui

import "github.com/k8stutor/k8stutor/lessons"

// words are all texts of the user interface in one language. A field that holds
// a format says so by its verbs; both languages have the same ones.
type words struct {
	LanguageName string // the language in itself
	TooSmall     string // needed width, height; present width, height
	NotSaved     string
	Colon        string // between a label and what it is about
	NoLesson     string // id

	Keys     keyWords
	Home     homeWords
	Lesson   lessonWords
	Exercise exerciseWords
	Verdict  verdictWords
	Objects  objectWords
	Terminal terminalWords
	Copying  copyWords
	Shell    shellWords
	Sending  sendingWords
	Cluster  clusterWords
	Quiz     quizWords
	Ran      ranWords
	Question questionWords
	Help     helpWords
	Callout  calloutWords
	Reading  readingWords
	Look     lookWords
	Review   reviewWords
	Palette  paletteWords
	Welcome  welcomeWords
	Choosing choosingWords
	Picture  pictureWords
}

// keyWords say what keys do, in a word or two.
type keyWords struct {
	Up, Down, PageUp, PageDown, HalfUp, HalfDown, Top, Bottom               string
	Open, Start, Back, Home, Quit, Help, Language, Cluster                  string
	NextPage, PrevPage, Contents, Exercise, Quiz, Pages                     string
	NextStep, PrevStep, GoOn, Hint, Solution, Reset, Restart, Retry, Answer string
	Foretell, Edit, Check, Apply, Save, Leave                               string
	Steps, Objects, Terminal, FlipLeft, FlipRight, Flip                     string
	FocusTerminal, LeaveTerminal                                            string
	Send, Cancel, Choose, Toggle, Next, MoveUp, MoveDown, Again, TypeIt     string
	Pick                                                                    string
	Yes, No, ResetStep, ResetLesson, Close                                  string
	Review, Known, Anyway                                                   string
	Theme, Find, Palette                                                    string
}

type homeWords struct {
	Loading, NoCourse              string
	Continue                       string // lesson, where in it
	AtPage, AtStep                 string // title
	AtStart, AtExercise, AtQuiz    string
	State, Pages, Steps, Questions string
	New, UnderWay, Done            string
	Minutes                        string // number
}

type lessonWords struct {
	PageOf             string // number, of how many
	Contents           string
	Exercise, Quiz     string
	NextPage           string // title
	ToExercise, ToQuiz string // number of steps, of questions
	More               string
}

type exerciseWords struct {
	StepOf                   string // number, of how many
	Steps, Objects, Terminal string
	Task, Checks, Diagnosis  string
	StuckBecause             string
	Broke, Changed           string
	Expected, Found, Where   string
	HintOf                   string // number, of how many
	Solution, WhatHappened   string
	AllPassed                string
	YourAnswer, PressAnswer  string
	YourPrediction, Foretold string
	PressForetell            string
	File, FileKept           string
	FileUnseen, FileOpening  string
	FileChecking             string
	FileApplying             string
	FileRefused              string // number of faults
	FileAccepted             string
	FileApplied, FileUntold  string
	AskApply, AskDiscard     string
	EditorAt                 string // line, of how many
	EditorFault              string // line
	EditorChanged            string
	Sending, NotSent         string
	AskSolution, AskReset    string
	Resetting, WasReset      string
	WaitReset                string
	NotReset                 string
	Away                     string // since when, for how long
	NoCluster, NoStart       string
	PressRetry, PressAgain   string
	PressRestart, PressLook  string
	WaitOpening              string
}

type verdictWords struct {
	Pass, NotYet, CannotTell, Waiting string
	Stuck                             string // waiting does not help
	Later                             string // its turn has not come
	Regressed, PassedBefore           string
	Holding                           string // how long still
}

type objectWords struct {
	None, Unknown, Deleting, Gone string
	Ready, Completed              string // number, of how many
	Entries, Addresses, NotReady  string // number
}

type terminalWords struct {
	Waiting, Starting, Failed string
	Ended                     string // exit code
	Again                     string
	Leave                     string // key
}

type clusterWords struct {
	Title, Closed, ClosedMore                           string
	Opening, Restarting, GoAhead                        string
	AtStage                                             string // what is done, stage, for how long
	NoStage                                             string // what is done, for how long
	Open                                                string // name
	Failed                                              string
	IsAway                                              string // name, for how long
	NotRestarted                                        string
	Provider, Why, Version, Server, Kubeconfig          string
	Stages                                              string
	StageWaiting, StageRunning, StageDone, StageFailed  string
	Candidates, Running, NotRunning, Unusable, OpenThis string
}

type quizWords struct {
	Title                                string
	QuestionOf                           string // number, of how many
	Single, Multiple, TrueFalse, Order   string
	Command                              string
	Right, Wrong                         string
	RightChoice, WrongChoice, YourChoice string
	Note, Want, Why                      string
	ToNext, ToSummary                    string
	Score                                string // right ones, of how many
	AllRight                             string
	SomeWrong                            string // number
	Nothing, GiveUp                      string
}

type helpWords struct{ Title, Screen, Moving, Program, Elsewhere, Mouse, Nothing, Sure string }

type calloutWords struct{ Note, Tip, Important, Warning, Caution string }

// wordsIn returns the texts in a language; English where there are none.
func wordsIn(lang lessons.Lang) *words {
	if lang == lessons.Chinese {
		return wordsZH()
	}
	return wordsEN()
}

// callout returns the title of a callout of a page.
func (w *words) callout(kind string) string {
	switch kind {
	case "tip":
		return w.Callout.Tip
	case "important":
		return w.Callout.Important
	case "warning":
		return w.Callout.Warning
	case "caution":
		return w.Callout.Caution
	}
	return w.Callout.Note
}
