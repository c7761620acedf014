package plain

import (
	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/markdown"
)

// words are all that is said in one language. A field that holds a format says
// so by its verbs; both languages have the same ones.
type words struct {
	LanguageName, Prompt, Colon, Comma, Stop, Or, Within, YesNo                                                 string
	More, Bye, PressedStop, Stopped, NotUnderstood, HelpHere, HelpEverywhere, HelpMore                          string
	NotSaved, NoCourse, Speaking, NoLanguage, PageHow, NoPause, Settings, NoDoctor                              string
	Home, LessonLine, New, UnderWay, Done, GoOn, HomeHow, NothingBegun                                          string
	WhichLesson, Pages, Steps, Questions, AtStep, AtExercise, AtQuiz, AtPage                                    string
	AtStart, WherePage, PageTitle, NextPage, ToExercise, ToQuiz, LastPage, FirstPage                            string
	Contents, Read, YouAreHere, ContentsSteps, ContentsQuiz, ContentsHow, NoCode, WhichCode                     string
	FindHow, NotFound, Found, FoundMore, FoundHow, FoundPage, FoundStep, FoundQuestion                          string
	WhereFound, WhereQuiz, QuestionTitle, Single, Multiple, TrueFalse, Order, TypeCommand                       string
	TypeText, Right, NotRight, RightOrder, RightAnswer, RightChoice, WrongChoice, YourChoice                    string
	Choice, Why, NextQuestion, ToSummary, Score, AllRight, SomeWrong, Cluster                                   string
	Opening, Restarting, StageRunning, StageDone, StageFailed, Opened, NotOpened, OpeningStopped                string
	RetryHow, NotRestarted, ClusterClosed, ClusterOpen, Provider, WhyThis, Version, Server                      string
	Candidates, Running, NotRunning, Unusable, ChosenOne, ClusterHow, NoCluster, Preparing                      string
	Workspace, WhereStep, StepTitle, Task, WhatHappened, HowDo, HowAsk, HowPredict                              string
	HowManifest, HowPassed, HowAllPassedQuiz, Passed, PassedHow, AllPassed, Regressed, Stuck                    string
	NotYet, CannotTell, NotBegun, WaitingFor, Holding, ExpectedFound, JustFound, NothingFound                   string
	Where, StepVerdict, BrokeHead, Diagnosis, StuckHead, PassWord, NotYetWord, CannotTellWord                   string
	WaitingWord, HoldingWord, StuckWord, LaterWord, RegressedWord, PassedBefore, Away, RestartHow               string
	Back, EngineEnded, NoStart, NotJudged, NotRunningYet, NoWorkspace, LastStep, FirstStep                      string
	StepsHow, WaitingNow, WaitedLong, WaitHow, NoHints, HintOf, LastHint, NoSolution                            string
	AskSolution, Solution, YourAnswer, NotSent, Foretold, AskReset, Resetting, WasReset                         string
	NotReset, NothingDone, File, FileKept, NoEditor, EditorFailed, TypeFile, FileTooLong                        string
	FileAccepted, AskApply, FileApplied, FileUntold, FileRefused, FileMend, FaultLine, FaultFile                string
	FaultSource, FaultPath, NoObjects, LastSeen, Deleting, OwnedBy, ReadyOf, CompletedOf                        string
	Entries, Restarts, Address, PortTo, NoSelector, Selects, ReadyAddresses, WaitingAddresses                   string
	YAMLHow, NoObject, KubectlHow, CommandFailed, CommandKilled, CommandNotRun, ShellNeedsTerminal, ShellBegins string
	ShellEnded                                                                                                  string

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
